import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { answerQuestions } from "./child.js";
import { PING_REQUEST } from "./subjects/http2-frames.js";

const SETTLED_MS = 500;
// Node's servers let 511 connections wait to be accepted.
const AT_ONCE = 250;

let sessions: ClientHttp2Session[] = [];

answerQuestions(async (question) => {
  await disconnect();
  if (question.kind === "connect") {
    return { milliseconds: await connectAll(question.port, question.connections) };
  }
  if (question.kind === "watch") {
    await watch(question.port, question.streams);
    return {};
  }
  throw new Error(`Connections aren't asked for "${question.kind}"`);
});

async function disconnect(): Promise<void> {
  const closed = sessions.map((session) => once(session, "close"));
  for (const session of sessions) {
    session.destroy();
  }
  sessions = [];
  await Promise.all(closed);
}

/** Opens connections, and makes a call on each. @returns how long it takes until all are answered */
async function connectAll(port: number, count: number): Promise<number> {
  const startedAt = performance.now();
  const open = async () => {
    while (sessions.length < count) {
      const session = opened(port);
      sessions.push(session);
      await ping(session);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, open));
  return performance.now() - startedAt;
}

async function watch(port: number, count: number): Promise<void> {
  const session = opened(port);
  sessions = [session];
  await once(session, "remoteSettings");
  for (let opened = 0; opened < count; opened += 1) {
    const stream = session.request(headersOf("Watch"));
    stream.on("error", () => {});
    stream.end(PING_REQUEST);
  }
  // It comes after all of them.
  await ping(session);
  await sleep(SETTLED_MS);
}

function opened(port: number): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${port}`, { peerMaxConcurrentStreams: 2 ** 31 - 1 });
  session.on("error", () => {});
  return session;
}

async function ping(session: ClientHttp2Session): Promise<void> {
  const stream = session.request(headersOf("Ping"));
  stream.end(PING_REQUEST);
  stream.resume();
  const [trailers] = await Promise.race([once(stream, "trailers"), closed(stream)]);
  if (trailers["grpc-status"] !== "0") {
    throw new Error(`A call ended with ${trailers["grpc-status"]}`);
  }
}

async function closed(stream: ClientHttp2Stream): Promise<never> {
  await once(stream, "close");
  throw new Error("A call ended without a status");
}

function headersOf(method: string) {
  return {
    ":method": "POST",
    ":path": `/bench.v1.BenchService/${method}`,
    "content-type": "application/grpc",
    te: "trailers",
  };
}

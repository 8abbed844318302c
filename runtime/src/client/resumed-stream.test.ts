import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { afterEach, describe, expect, it } from "vitest";
import { UNFIT_FOR_A_LINE } from "../../test-support/code-points.js";
import { ProbeRequestSchema, ProbeResponseSchema } from "../../test-support/gen/probe/v1/probe_pb.js";
import { insecureChannel, type ProbeClient, probeClient } from "../../test-support/probe-client.js";
import type { Channel } from "../channel/channel.js";
import { ContractError } from "../errors/contract-error.js";
import type { Logger } from "../log/logger.js";
import { Status } from "../wire/status.js";
import type { CallOptions, ResumePolicy } from "./client-method.js";

const open: (() => void)[] = [];

afterEach(() => {
  for (const close of open.splice(0).reverse()) {
    close();
  }
});

type Trailers = Readonly<Record<string, string>>;

/** One call, as the server sees it. */
interface Served {
  /** What it was asked to begin after. */
  readonly after: number;
  /** How many calls there were before. */
  readonly index: number;
  send(count: number): void;
  end(status: number, trailers?: Trailers): void;
  /** Ends the connection. */
  cut(): void;
}

async function serve(handle: (call: Served) => void): Promise<{ target: string; asked: number[] }> {
  const asked: number[] = [];
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
  });
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      const request = fromBinary(ProbeRequestSchema, new Uint8Array(Buffer.concat(chunks)).subarray(5));
      asked.push(Number(request.count));
      handle(servedCall(stream, Number(request.count), asked.length - 1));
    });
  });
  open.push(() => {
    server.close();
    for (const session of sessions) {
      session.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { target: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function servedCall(stream: ServerHttp2Stream, after: number, index: number): Served {
  const respond = (): void => {
    if (!stream.headersSent) {
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    }
  };
  return {
    after,
    index,
    send(count) {
      respond();
      const bytes = toBinary(
        ProbeResponseSchema,
        create(ProbeResponseSchema, { id: `#${count}`, count: BigInt(count) }),
      );
      stream.write(Buffer.concat([Buffer.from([0, 0, 0, 0, bytes.byteLength]), bytes]));
    },
    end(status, trailers = {}) {
      respond();
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": String(status), ...trailers }));
      stream.end();
    },
    cut() {
      // What was written has left by then.
      setImmediate(() => setImmediate(() => stream.session?.destroy()));
    },
  };
}

const RESUME: ResumePolicy = {
  from: "count",
  with: "count",
  retry: { maxAttempts: 5, initialBackoffMs: 1, maxBackoffMs: 2, backoffMultiplier: 2, codes: ["UNAVAILABLE"] },
};

const lines: { readonly fields: Readonly<Record<string, unknown>>; readonly text: string }[] = [];
const logger: Logger = {
  debug: () => {},
  info: () => {},
  warn: (fields, text) => void lines.push({ fields: fields as never, text: text ?? "" }),
  error: () => {},
};

function channelTo(target: string): Channel {
  lines.length = 0;
  const channel = insecureChannel(target, {}, { logger });
  open.push(() => channel.close());
  return channel;
}

function clientOf(target: string, resume: ResumePolicy = RESUME, channel = channelTo(target)): ProbeClient {
  return probeClient(channel, {}, { resume });
}

interface Read {
  readonly counts: number[];
  readonly received: number;
  readonly error: unknown;
}

async function read(client: ProbeClient, options: CallOptions = {}, request = {}): Promise<Read> {
  const stream = client.serverStream(request, options);
  const counts: number[] = [];
  let error: unknown;
  try {
    for await (const { count } of stream) {
      counts.push(Number(count));
    }
  } catch (thrown) {
    error = thrown;
  }
  return { counts, received: stream.received, error };
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe("a stream that breaks goes on, and each response comes once", () => {
  const BREAKS: readonly (readonly [string, (call: Served) => void])[] = [
    ["by a status", (call) => call.end(Status.UNAVAILABLE)],
    ["with its connection", (call) => call.cut()],
  ];

  it.each(BREAKS)("%s, from a server that goes by the cursor", async (_how, lose) => {
    const { target, asked } = await serve((call) => {
      const last = Math.min(10, call.after + 3);
      for (let count = call.after + 1; count <= last; count += 1) {
        call.send(count);
      }
      last === 10 ? call.end(Status.OK) : lose(call);
    });
    const { counts, received, error } = await read(clientOf(target));
    expect({ counts, received, error }).toEqual({ counts: upTo(10), received: 10, error: undefined });
    // What a connection took with it is asked for again.
    expect(asked.every((after, index) => index === 0 || after >= (asked[index - 1] ?? 0))).toBe(true);
  });

  it.each(BREAKS)("%s, from a server that begins anew each time", async (_how, lose) => {
    const { target } = await serve((call) => {
      const last = Math.min(10, 4 * (call.index + 1));
      upTo(last).forEach(call.send);
      last === 10 ? call.end(Status.OK) : lose(call);
    });
    expect(await read(clientOf(target))).toEqual({ counts: upTo(10), received: 10, error: undefined });
  });

  it("behind what its caller asked for", async () => {
    const { target, asked } = await serve((call) => {
      if (call.index === 0) {
        call.end(Status.UNAVAILABLE);
      } else {
        [41, 42].forEach(call.send);
        call.end(Status.OK);
      }
    });
    const request = { id: "kept", count: 40n };
    expect((await read(clientOf(target), {}, request)).counts).toEqual([41, 42]);
    expect(asked).toEqual([40, 40]);
    expect(request).toEqual({ id: "kept", count: 40n });
  });

  it("however often, as long as something comes", async () => {
    const { target } = await serve((call) => {
      call.send(call.after + 1);
      call.end(call.after + 1 === 30 ? Status.OK : Status.UNAVAILABLE);
    });
    expect((await read(clientOf(target))).counts).toEqual(upTo(30));
  });

  it("and passes on what has no number", async () => {
    const { target } = await serve((call) => {
      [0, call.after + 1, 0].forEach(call.send);
      call.end(call.index === 1 ? Status.OK : Status.UNAVAILABLE);
    });
    expect((await read(clientOf(target))).counts).toEqual([0, 1, 0, 0, 2, 0]);
  });

  it("and the log says so, and onHeaders and onTrailers are called once", async () => {
    const { target } = await serve((call) => {
      call.send(call.after + 1);
      call.end(call.index === 2 ? Status.OK : Status.UNAVAILABLE, {
        "x-index": String(call.index),
        "grpc-message": "gone",
      });
    });
    const told: string[] = [];
    await read(clientOf(target), {
      onHeaders: () => void told.push("headers"),
      onTrailers: (trailers) => void told.push(`trailers ${trailers.get("x-index")}`),
    });
    expect(told).toEqual(["headers", "trailers 2"]);
    expect(lines.map(({ text }) => text)).toEqual(["stream.resumed", "stream.resumed"]);
    expect(lines[0]?.fields).toMatchObject({
      path: "/probe.v1.ProbeService/ServerStream",
      status: "UNAVAILABLE",
      error: "gone",
      received: 1,
      attempt: 2,
    });
  });

  it("and what the peer said of it stays within its field of the log", async () => {
    const hostile = `gone\u0085\u202e\u2028{"level":"error"}\u0007${"x".repeat(3_000)}`;
    const { target } = await serve((call) => {
      call.end(call.index === 1 ? Status.OK : Status.UNAVAILABLE, { "grpc-message": encodeURIComponent(hostile) });
    });
    await read(clientOf(target));
    const error = String(lines[0]?.fields.error);
    expect(error.startsWith("gone")).toBe(true);
    expect(Buffer.byteLength(error)).toBeLessThanOrEqual(1024);
    expect(error).not.toMatch(UNFIT_FOR_A_LINE);
  });

  it("when two ask at once, too", async () => {
    const { target } = await serve((call) => {
      call.send(call.after + 1);
      call.end(call.index === 3 ? Status.OK : Status.UNAVAILABLE);
    });
    const responses = clientOf(target).serverStream({})[Symbol.asyncIterator]();
    const results = await Promise.all(upTo(6).map(() => responses.next()));
    expect(results.map(({ value }) => value && Number(value.count))).toEqual([1, 2, 3, 4, undefined, undefined]);
  });
});

describe("a stream ends", () => {
  it.each([
    ["by another status", { status: Status.NOT_FOUND, trailers: {} }, 1],
    [
      "when the server wants no repetition",
      { status: Status.UNAVAILABLE, trailers: { "grpc-retry-pushback-ms": "-1" } },
      1,
    ],
    ["when the attempts in a row are used up", { status: Status.UNAVAILABLE, trailers: {} }, 5],
    [
      "before a wait that its deadline doesn't leave",
      { status: Status.UNAVAILABLE, trailers: { "grpc-retry-pushback-ms": "3600000" } },
      1,
    ],
  ])("%s", async (_when, { status, trailers }, calls) => {
    const { target, asked } = await serve((call) => {
      if (call.index === 0) {
        [1, 2].forEach(call.send);
      }
      call.end(status, trailers);
    });
    const told: number[] = [];
    const { counts, received, error } = await read(clientOf(target), { onTrailers: () => void told.push(1) });
    expect(counts).toEqual([1, 2]);
    expect(received).toBe(2);
    expect(error).toBeInstanceOf(ContractError);
    expect(error).toMatchObject({ status, received: 2 });
    expect(asked).toHaveLength(calls);
    expect(told).toEqual([1]);
  });

  it("when its caller aborts while it waits", async () => {
    const controller = new AbortController();
    const { target, asked } = await serve((call) => {
      call.end(Status.UNAVAILABLE, { "grpc-retry-pushback-ms": "5000" });
      setImmediate(() => controller.abort());
    });
    const { error } = await read(clientOf(target), { signal: controller.signal, timeoutMs: 60_000 });
    expect(error).toMatchObject({ status: Status.CANCELLED });
    expect(asked).toHaveLength(1);
  });

  it("when its reader leaves while it waits", async () => {
    const { target, asked } = await serve((call) => call.end(Status.UNAVAILABLE, { "grpc-retry-pushback-ms": "5000" }));
    const responses = clientOf(target).serverStream({}, { timeoutMs: 60_000 })[Symbol.asyncIterator]();
    const next = responses.next();
    await expect.poll(() => lines).toHaveLength(1);
    await responses.return?.();
    expect(await next).toEqual({ value: undefined, done: true });
    expect(asked).toHaveLength(1);
  });

  it("when its caller's own code throws", async () => {
    const thrown = new Error("mine");
    const { target, asked } = await serve((call) => call.end(Status.UNAVAILABLE));
    const { error } = await read(clientOf(target), {
      onHeaders: () => {
        throw thrown;
      },
    });
    expect(error).toBe(thrown);
    expect(asked).toHaveLength(1);
  });

  it("when hardly any attempt of the channel's streams comes to something", async () => {
    const { target, asked } = await serve((call) => call.end(Status.UNAVAILABLE));
    const channel = channelTo(target);
    const resume = { ...RESUME, throttle: { maxTokens: 10, tokenRatio: 0.1 } };
    for (let stream = 0; stream < 10; stream += 1) {
      await read(clientOf(target, resume, channel));
    }
    // Five tokens' worth in all: with ten streams of five attempts, it would be fifty.
    expect(asked).toHaveLength(10 + 4);
  });
});

it("a stream that the contract doesn't resume says how many responses there were", async () => {
  const { target } = await serve((call) => {
    [1, 2, 3].forEach(call.send);
    call.end(Status.UNAVAILABLE);
  });
  const { counts, received, error } = await read(probeClient(channelTo(target)));
  expect({ counts, received }).toEqual({ counts: [1, 2, 3], received: 3 });
  expect(error).toMatchObject({ received: 3 });
});

it("a field that the messages don't have is found when the call is made", async () => {
  const { target } = await serve(() => {});
  expect(() => clientOf(target, { ...RESUME, with: "after" }).serverStream({})).toThrow(
    "probe.v1.ProbeRequest has no field after",
  );
});

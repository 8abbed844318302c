import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from "node:http2";

// Of Node alone: an orchestrator starts a process for each probe, and what it loads is what the probe costs.

/** What to ask, of whom. */
export interface HealthProbe {
  /** `127.0.0.1:50051` */
  readonly address: string;
  /** The full name of a service; empty for the server as a whole. */
  readonly service: string;
  /** How long to wait for the answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether to speak TLS. The server's certificate isn't verified: a probe asks its own pod, by an address it has no name for. */
  readonly tls: boolean;
  /** What to show to a server that asks for callers' certificates, as PEM. */
  readonly identity?: { readonly certificate: Buffer; readonly key: Buffer };
}

/**
 * Asks a server for its health, by `grpc.health.v1.Health/Check`.
 *
 * @returns undefined if it serves, else why it doesn't, as a sentence
 */
export async function probeHealth(probe: HealthProbe): Promise<string | undefined> {
  const session = open(probe);
  try {
    return await check(session, probe);
  } catch (error) {
    return `${probe.address} doesn't answer: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    session.destroy();
  }
}

function open({ address, tls, identity }: HealthProbe): ClientHttp2Session {
  const credentials = identity === undefined ? {} : { cert: identity.certificate, key: identity.key };
  return connect(`${tls ? "https" : "http"}://${address}`, { rejectUnauthorized: false, ...credentials });
}

function check(session: ClientHttp2Session, { address, service, timeoutMs }: HealthProbe): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`nothing came within ${timeoutMs} ms.`)), timeoutMs);
    timer.unref();
    session.once("error", reject);
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: "POST",
      [constants.HTTP2_HEADER_PATH]: "/grpc.health.v1.Health/Check",
      [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
      [constants.HTTP2_HEADER_TE]: "trailers",
      "grpc-timeout": `${timeoutMs}m`,
    });
    const body: Buffer[] = [];
    let length = 0;
    let headers: IncomingHttpHeaders = {};
    const take = (more: IncomingHttpHeaders): void => {
      headers = { ...headers, ...more };
    };
    stream.on("response", take);
    stream.on("trailers", take);
    stream.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > LONGEST_ANSWER) {
        reject(new Error("what it says is no answer to a health check."));
      } else {
        body.push(chunk);
      }
    });
    stream.once("error", reject);
    stream.once("close", () => {
      clearTimeout(timer);
      resolve(judge(headers, Buffer.concat(body), service === "" ? address : service));
    });
    stream.end(request(service));
  });
}

/** An answer has a handful of bytes. */
const LONGEST_ANSWER = 64 * 1024;

/** `HealthCheckRequest{service}`, behind the prefix of a gRPC message: not compressed, its length. */
function request(service: string): Buffer {
  const name = Buffer.from(service);
  const field = service === "" ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(field.length, 1);
  return Buffer.concat([prefix, field]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

const SERVING = 1;
const STATUSES = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

function judge(headers: IncomingHttpHeaders, body: Buffer, who: string): string | undefined {
  const code = headers["grpc-status"];
  if (code !== "0") {
    const what = code === undefined ? `HTTP ${headers[":status"] ?? "nothing"}` : `gRPC status ${code}`;
    return `${who} answers with ${what}: ${headers["grpc-message"] ?? "no message"}`;
  }
  // `HealthCheckResponse{status}` behind the prefix: a field with the number 1, or nothing at all for UNKNOWN.
  const status = body.length > 6 && body[5] === 0x08 ? (body[6] ?? 0) : 0;
  return status === SERVING ? undefined : `${who} is ${STATUSES[status] ?? status}`;
}

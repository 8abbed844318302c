import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Server } from "@grpc/grpc-js";
import { MAX_TIMEOUT_MS } from "../../call/call-deadline.js";

const TIMEOUT_HEADER = "grpc-timeout";

// gRPC's own grammar. grpc-js looks for it anywhere in the header, and reads `-1S` as a second.
const TIMEOUT = /^(\d{1,8})([HMSmun])$/;

const MILLISECONDS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

// In it, grpc-js finds no timeout: it answers INTERNAL, with this text.
const MALFORMED = "(malformed)";

/**
 * A `grpc-timeout` that grpc-js reads as it is meant: one over 24.8 days, where its timers overflow, becomes 24.8 days, and
 * what isn't a timeout is one that it refuses.
 */
export function readableTimeout(timeout: string): string {
  const [, amount, unit] = TIMEOUT.exec(timeout) ?? [];
  if (amount === undefined || unit === undefined) {
    return MALFORMED;
  }
  return Number(amount) * (MILLISECONDS[unit] ?? 0) > MAX_TIMEOUT_MS ? `${MAX_TIMEOUT_MS / 1000}S` : timeout;
}

/** What grpc-js's server keeps: the HTTP/2 servers that connections are given to. */
interface ServerInside {
  readonly http2Servers?: ReadonlyMap<
    {
      prependListener(
        event: "stream",
        listener: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
      ): void;
    },
    unknown
  >;
}

/** Has a server get timeouts that it can read, see {@link readableTimeout}. @param server when it has its listeners */
export function correctTimeouts(server: Server): void {
  // It isn't part of grpc-js's interface: a version without it goes on as it does by itself.
  const { http2Servers } = server as unknown as ServerInside;
  for (const http2Server of http2Servers?.keys() ?? []) {
    http2Server.prependListener("stream", correctTimeout);
  }
}

function correctTimeout(_stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const timeout = headers[TIMEOUT_HEADER];
  if (timeout !== undefined) {
    headers[TIMEOUT_HEADER] = readableTimeout(String(timeout));
  }
}

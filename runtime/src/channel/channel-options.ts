import type { ChannelOptions as GrpcChannelOptions } from "@grpc/grpc-js";
import { CHANNEL_DEFAULTS } from "../contract/defaults.js";
import { KEEPALIVE_OFF, KEEPALIVE_OPTION, type KeepalivePolicy } from "../grpc-js/keepalive-policy.js";

// grpc-js's type takes any key at all, and its code reads a misspelt one nowhere.
export type KnownKeys<T> = keyof {
  [Key in keyof T as string extends Key ? never : number extends Key ? never : Key]: true;
};

/** Options of grpc-js that only servers read. */
export type ServerOptionKey =
  | "grpc.max_concurrent_streams"
  | "grpc.max_connection_age_ms"
  | "grpc.max_connection_age_grace_ms"
  | "grpc.max_connection_idle_ms"
  | "grpc.server_call_metric_recording";

/** The channel options that grpc-js reads, by their exact names: a misspelt one doesn't compile. */
export type ChannelOptions = Readonly<
  Pick<GrpcChannelOptions, Exclude<KnownKeys<GrpcChannelOptions>, ServerOptionKey>>
>;

/** How a channel finds out that a connection is dead. */
export interface KeepaliveTimes {
  /** After how much silence the server is asked while there are calls, in milliseconds, in steps of 500. */
  readonly timeMs: number;
  /**
   * How long its answer may take, in milliseconds, if nothing else comes meanwhile. Where more than 64 KiB are on their way, at least
   * 20 s, and as long as a slow link needs for them.
   */
  readonly timeoutMs: number;
  /** Asks while there are no calls, too. Default: false. */
  readonly whenIdle?: boolean;
}

/**
 * Whatever comes on a connection shows that it is alive: it is asked only when nothing does.
 *
 * - `"responsive"`: after 8 s of silence; after 5 s, servers that permit it, as those that Accord generates do. A connection of
 *   which nothing has come for 18 s is given up. Others are sent two pings without data in between, which is what C-core, Go and
 *   Java permit by default, and asked by an empty SETTINGS frame beyond that.
 * - `"conservative"`: a ping after 5.5 minutes, 20 s for the answer. For servers that permit less than the default.
 * - `"off"`: no pings, and connections that are dead are found when the operating system finds them.
 */
export type Keepalive = "responsive" | "conservative" | "off" | KeepaliveTimes;

const KEEPALIVES: Readonly<Record<Keepalive & string, KeepalivePolicy>> = {
  responsive: {
    pings: "careful",
    askAfterMs: CHANNEL_DEFAULTS.keepaliveTimeMs,
    answerMs: CHANNEL_DEFAULTS.keepaliveTimeoutMs,
    whenIdle: false,
  },
  // gRPC servers permit a ping every 5 minutes unless told otherwise (gRFC A8).
  conservative: { pings: "spare", askAfterMs: 330_000, answerMs: 20_000, whenIdle: false },
  off: KEEPALIVE_OFF,
};

/** grpc-js's default, for those who set its time alone. */
const GRPC_JS_TIMEOUT_MS = 20_000;

/**
 * The channel options for a keepalive. grpc-js's own is off: it takes answers to pings alone for life, though they wait behind
 * data. Its times are understood.
 *
 * @param extra of grpc-js, which win
 */
export function keepaliveOptions(keepalive: Keepalive, extra: ChannelOptions = {}): ChannelOptions {
  const policy = policyOf(grpcJsKeepalive(extra) ?? keepalive);
  return { "grpc.keepalive_time_ms": -1, [KEEPALIVE_OPTION]: JSON.stringify(policy) } as ChannelOptions;
}

function grpcJsKeepalive(extra: ChannelOptions): Keepalive | undefined {
  const timeMs = extra["grpc.keepalive_time_ms"];
  if (timeMs === undefined) {
    return undefined;
  }
  const timeoutMs = extra["grpc.keepalive_timeout_ms"] ?? GRPC_JS_TIMEOUT_MS;
  return timeMs > 0 ? { timeMs, timeoutMs, whenIdle: extra["grpc.keepalive_permit_without_calls"] === 1 } : "off";
}

function policyOf(keepalive: Keepalive): KeepalivePolicy {
  if (typeof keepalive === "string") {
    return KEEPALIVES[keepalive];
  }
  const { timeMs, timeoutMs, whenIdle = false } = keepalive;
  return { pings: "careful", askAfterMs: sayable(timeMs), answerMs: sayable(timeoutMs), whenIdle };
}

/** JSON has no Infinity. */
function sayable(ms: number): number {
  return Math.min(ms, Number.MAX_SAFE_INTEGER);
}

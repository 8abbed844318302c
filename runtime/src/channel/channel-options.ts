import type { ChannelOptions as GrpcChannelOptions } from "@grpc/grpc-js";
import { CHANNEL_DEFAULTS } from "../contract/defaults.js";

// grpc-js's type takes any key at all, and its code reads a misspelt one nowhere.
type KnownKeys<T> = keyof { [Key in keyof T as string extends Key ? never : number extends Key ? never : Key]: true };

/** Options of grpc-js that only servers read. */
type ServerOptionKey =
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
  /** How often a ping is sent while there are calls, in milliseconds. */
  readonly timeMs: number;
  /** How long its answer may take before the connection is given up, in milliseconds. */
  readonly timeoutMs: number;
  /** Pings while there are no calls, too. Default: false. */
  readonly whenIdle?: boolean;
}

/**
 * - `"responsive"`: every 5 s, 3 s for the answer. For servers that permit it, as those that Accord generates do. Others
 *   (C-core, Go and Java by default) end a connection that has carried nothing but pings for a few of them, with
 *   `too_many_pings`; its calls fail with RESOURCE_EXHAUSTED, and grpc-js doubles the time.
 * - `"conservative"`: every 5.5 minutes, 20 s for the answer. What any server permits.
 */
export type Keepalive = "responsive" | "conservative" | "off" | KeepaliveTimes;

const KEEPALIVE_TIMES = {
  responsive: { timeMs: CHANNEL_DEFAULTS.keepaliveTimeMs, timeoutMs: CHANNEL_DEFAULTS.keepaliveTimeoutMs },
  // gRPC servers permit a ping every 5 minutes unless told otherwise (gRFC A8).
  conservative: { timeMs: 330_000, timeoutMs: 20_000 },
} satisfies Record<string, KeepaliveTimes>;

/** grpc-js's channel options for a keepalive. */
export function keepaliveOptions(keepalive: Keepalive): ChannelOptions {
  if (keepalive === "off") {
    return { "grpc.keepalive_time_ms": -1 };
  }
  const times: KeepaliveTimes = typeof keepalive === "string" ? KEEPALIVE_TIMES[keepalive] : keepalive;
  return {
    "grpc.keepalive_time_ms": times.timeMs,
    "grpc.keepalive_timeout_ms": times.timeoutMs,
    "grpc.keepalive_permit_without_calls": times.whenIdle ? 1 : 0,
  };
}

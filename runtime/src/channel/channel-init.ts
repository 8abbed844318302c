import type { ChannelCredentials, ChannelInterface } from "@grpc/grpc-js";
import type { Logger } from "../log/logger.js";
import type { ChannelOptions, Keepalive } from "./channel-options.js";

/** A gRPC channel: connections to the backends of one target. */
export type Channel = ChannelInterface;

/** How a channel is opened. */
export interface ChannelInit {
  readonly credentials: ChannelCredentials;
  /** How dead connections are found. Default: `"responsive"`, which servers that Accord generates permit. */
  readonly keepalive?: Keepalive;
  /**
   * How often the target's name is looked up although nothing is wrong, in milliseconds, ±20 %: within that time a new
   * backend gets traffic. `Infinity`: only after a disconnect, as grpc-js does. Default: 10 s.
   */
  readonly dnsRefreshMs?: number;
  /** How soon after a look-up a lost connection may lead to another one, in milliseconds. Default: 1 s. */
  readonly dnsLeastIntervalMs?: number;
  /**
   * What an attempt to connect has, TLS and the peer's first words (its SETTINGS) included, in milliseconds. Then the next
   * address is tried, and this one again after gRPC's connection backoff. `Infinity`: as long as the kernel tries, as grpc-js does.
   * Default: 5 s.
   */
  readonly connectTimeoutMs?: number;
  /** The largest request and response, in bytes, unless the contract of a method grants more. Default: 4 MiB. */
  readonly maxRequestBytes?: number;
  readonly maxResponseBytes?: number;
  /**
   * Sends calls' credentials, such as bearer tokens, although `credentials` don't encrypt: for networks that do it
   * themselves, as a service mesh does. To the same machine they are sent anyway. Default: false.
   */
  readonly plaintextCredentials?: boolean;
  /** Where it is told what grpc-js has to say of itself, and which streams were resumed. Default: the loggers of the process's servers, else the runtime's own. */
  readonly logger?: Logger;
  /** grpc-js's own options. They win over everything that is set here. */
  readonly extraOptions?: ChannelOptions;
}

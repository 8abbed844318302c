import {
  type ChannelCredentials,
  type ChannelInterface,
  connectivityState,
  Channel as GrpcChannel,
} from "@grpc/grpc-js";
import { CHANNEL_DEFAULTS, DEFAULT_MAX_MESSAGE_BYTES } from "../contract/defaults.js";
import { grpcJsServiceConfig } from "../grpc-js/grpc-js-service-config.js";
import { WINDOW_OPTION } from "../grpc-js/keepalive-policy.js";
import { hearGrpcJs, listenToGrpcJs } from "../grpc-js/library-log.js";
import { patientLoadBalancing } from "../grpc-js/patient-load-balancer.js";
import { REFRESH_OPTION, REFRESHING_SCHEME, registerRefreshingResolver } from "../grpc-js/refreshing-resolver.js";
import { resendRefusedCalls } from "../grpc-js/resent-calls.js";
import { requireLogger } from "../log/guarded-logger.js";
import type { Logger } from "../log/logger.js";
import { requireWindowBytes } from "../wire/receive-window.js";
import type { ServiceConfig } from "../wire/service-config.js";
import { type ChannelOptions, type Keepalive, keepaliveOptions } from "./channel-options.js";
import { rememberSecurity } from "./channel-security.js";

/** A gRPC channel: connections to the backends of one target. */
export type Channel = ChannelInterface;

/** How a channel is opened. */
export interface ChannelInit {
  readonly credentials: ChannelCredentials;
  /** How dead connections are found. Default: `"responsive"`. */
  readonly keepalive?: Keepalive;
  /**
   * What each stream may send ahead of its reader, when a connection begins and when no more is needed, in bytes. The window
   * follows what the wire holds, up to 8 MiB. More at the beginning helps where round trips are long and known to be. Default
   * 256 KiB.
   */
  readonly initialWindowBytes?: number;
  /**
   * How often the target's name is looked up although nothing is wrong, in milliseconds, ±20 %: within that time a new
   * backend gets traffic. `Infinity`: only after a disconnect, as grpc-js does. Default: 10 s.
   */
  readonly dnsRefreshMs?: number;
  /**
   * Sends calls' credentials, such as bearer tokens, although `credentials` don't encrypt: for networks that do it
   * themselves, as a service mesh does. To the same machine they are sent anyway. Default: false.
   */
  readonly plaintextCredentials?: boolean;
  /** Where it is told what grpc-js has to say of itself. Default: the loggers of the process's servers, else the runtime's own. */
  readonly logger?: Logger;
  /** grpc-js's own options. They win over everything that is set here. */
  readonly extraOptions?: ChannelOptions;
}

// As long as the channel is there, so is its logger.
const loggers = new WeakMap<Channel, Logger>();

function hear(channel: Channel, given: Logger | undefined): void {
  if (given === undefined) {
    listenToGrpcJs();
    return;
  }
  requireLogger(given);
  const weak = new WeakRef(channel);
  loggers.set(channel, given);
  hearGrpcJs(given, () => weak.deref()?.getConnectivityState(false) === connectivityState.SHUTDOWN);
}

/**
 * Opens a channel. Nothing is connected before the first call.
 *
 * Each call of this function makes a channel of its own, which the caller closes: keep one per process and target.
 * (grpc-js lets channels of the same target, credentials and options share their connections anyway.)
 *
 * @param target `dns:///ledger-headless.default.svc.cluster.local:50051`, `localhost:50051`, `unix:/run/ledger.sock`, …
 * @throws {TypeError} if the credentials are none
 * @throws {Error} if the target or the service config isn't valid
 */
export function buildChannel(target: string, serviceConfig: ServiceConfig, init: ChannelInit): Channel {
  const { credentials, dnsRefreshMs = CHANNEL_DEFAULTS.dnsRefreshMs, plaintextCredentials = false } = init;
  try {
    requireTarget(target);
    const options = { ...channelOptions(serviceConfig, init), [REFRESH_OPTION]: dnsRefreshMs };
    const channel = new GrpcChannel(refreshingTarget(target, dnsRefreshMs), credentials, options);
    resendRefusedCalls(channel);
    hear(channel, init.logger);
    rememberSecurity(channel, { encrypted: credentials._isSecure(), plaintextCredentials });
    return channel;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof TypeError) {
      throw new TypeError(`Can't open a channel to "${target}": ${reason}`, { cause: error });
    }
    throw new Error(`Can't open a channel to "${target}": ${reason}`, { cause: error });
  }
}

function channelOptions(serviceConfig: ServiceConfig, init: ChannelInit): ChannelOptions {
  return {
    "grpc.service_config": JSON.stringify(patientServiceConfig(serviceConfig)),
    // The contract decides, and neither a DNS record nor an environment variable.
    "grpc.service_config_disable_resolution": 1,
    "grpc.enable_http_proxy": 0,
    // Transparent retries need it, even where no method has a retry policy.
    "grpc.enable_retries": 1,
    // grpc-js looks a name up at most every 30 s, which is an outage when all pods are replaced faster.
    "grpc.dns_min_time_between_resolutions_ms": CHANNEL_DEFAULTS.dnsLeastIntervalMs,
    // A backend that comes back under its address is tried again within 10 s, rather than 2 minutes.
    "grpc.initial_reconnect_backoff_ms": 500,
    "grpc.max_reconnect_backoff_ms": 10_000,
    "grpc.max_send_message_length": largest(serviceConfig, "maxRequestMessageBytes"),
    "grpc.max_receive_message_length": largest(serviceConfig, "maxResponseMessageBytes"),
    // Its bookkeeping costs every call something, and hardly anybody serves it.
    "grpc.enable_channelz": 0,
    [WINDOW_OPTION]: firstWindow(init.initialWindowBytes),
    ...init.extraOptions,
    ...keepaliveOptions(init.keepalive ?? "responsive", init.extraOptions),
  };
}

function patientServiceConfig(serviceConfig: ServiceConfig): object {
  const { loadBalancingConfig, ...rest } = grpcJsServiceConfig(serviceConfig);
  return { ...rest, loadBalancingConfig: patientLoadBalancing(loadBalancingConfig, serviceConfig.methodConfig) };
}

// HTTP/2's own 64 KiB are less than many a message, and a stream waits for the reader's permission each time that they are used
// up: a round trip.
const FIRST_WINDOW_BYTES = 256 * 1024;

function firstWindow(initialWindowBytes = FIRST_WINDOW_BYTES): number {
  requireWindowBytes("initialWindowBytes", initialWindowBytes);
  return initialWindowBytes;
}

/** The limit of the channel: the largest of its methods'. The methods' own are checked by each call. */
function largest(config: ServiceConfig, limit: "maxRequestMessageBytes" | "maxResponseMessageBytes"): number {
  const limits = config.methodConfig?.map((method) => method[limit] ?? 0) ?? [];
  return Math.max(DEFAULT_MAX_MESSAGE_BYTES, ...limits);
}

/** grpc-js would take a URL for a name, and say at the first call that it can't be looked up. */
function requireTarget(target: string): void {
  if (typeof target !== "string" || target === "") {
    throw new TypeError(
      "the target must be a name with a port: dns:///ledger:50051 (is its environment variable set?)",
    );
  }
  if (/^https?:/i.test(target)) {
    throw new Error("a target is no URL; write dns:///ledger:50051, and choose TLS by the credentials");
  }
}

/** Has names that DNS resolves looked up on a timer. Other schemes (`unix:`, `ipv4:`, …) stay what they are. */
function refreshingTarget(target: string, refreshMs: number): string {
  if (refreshMs === Number.POSITIVE_INFINITY) {
    return target;
  }
  if (typeof refreshMs !== "number" || !(refreshMs > 0)) {
    throw new TypeError(`dnsRefreshMs must be a positive number of milliseconds, or Infinity; it is ${refreshMs}`);
  }
  registerRefreshingResolver();
  if (target.startsWith("dns:")) {
    return `${REFRESHING_SCHEME}${target.slice("dns".length)}`;
  }
  // `name`, `name:port`, `[::1]:port`. Anything else has a scheme.
  return /^(\[[^\]]*\]|[^:/]+)(:\d+)?$/.test(target) ? `${REFRESHING_SCHEME}:///${target}` : target;
}

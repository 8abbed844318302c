import { connectivityState, Channel as GrpcChannel } from "@grpc/grpc-js";
import { CHANNEL_DEFAULTS } from "../contract/defaults.js";
import { isLookedUp } from "../grpc-js/channel-target.js";
import { CONNECT_TIMEOUT_OPTION } from "../grpc-js/connect-timeout.js";
import { grpcJsServiceConfig } from "../grpc-js/grpc-js-service-config.js";
import { withoutIpServername } from "../grpc-js/ip-servername.js";
import { WINDOW_OPTION } from "../grpc-js/keepalive-policy.js";
import { requireKnownGrpcJs, tellMissing } from "../grpc-js/known-grpc-js.js";
import { hearGrpcJs, listenToGrpcJs } from "../grpc-js/library-log.js";
import { NAME_PATIENCE_MS, patientLoadBalancing } from "../grpc-js/patient-load-balancer.js";
import { isSecure } from "../grpc-js/private-names.js";
import { REFRESH_OPTION, REFRESHING_SCHEME, registerRefreshingResolver } from "../grpc-js/refreshing-resolver.js";
import { resendRefusedCalls } from "../grpc-js/resent-calls.js";
import { defaultLogger } from "../log/default-logger.js";
import type { Logger } from "../log/logger.js";
import { checkOptions } from "../options/check-options.js";
import { kindOf } from "../options/shown-value.js";
import { checkPackages } from "../packages/check-packages.js";
import type { ServiceConfig } from "../wire/service-config.js";
import type { Channel, ChannelInit } from "./channel-init.js";
import { CHANNEL_RULES } from "./channel-option-rules.js";
import { type ChannelOptions, keepaliveOptions } from "./channel-options.js";
import { rememberSecurity } from "./channel-security.js";

export type { Channel, ChannelInit } from "./channel-init.js";

// As long as the channel is there, so is its logger.
const loggers = new WeakMap<Channel, Logger>();

/** Who is told what becomes of a channel's calls beside their results. */
export function channelLogger(channel: Channel): Logger {
  return loggers.get(channel) ?? defaultLogger();
}

function hear(channel: Channel, given: Logger | undefined): void {
  if (given === undefined) {
    listenToGrpcJs();
    return;
  }
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
 * @throws {Error} if the target or the service config isn't valid, or the installed grpc-js isn't known, see {@link ChannelInit.allowUnknownGrpcJs}
 */
export function buildChannel(target: string, serviceConfig: ServiceConfig, init: ChannelInit): Channel {
  requireTarget(target);
  checkOptions(`Can't open a channel to "${target}"`, init, CHANNEL_RULES);
  checkPackages(init.logger ?? defaultLogger());
  const { credentials, plaintextCredentials = false } = init;
  const { dnsRefreshMs = CHANNEL_DEFAULTS.dnsRefreshMs, connectTimeoutMs = CHANNEL_DEFAULTS.connectTimeoutMs } = init;
  try {
    const options = {
      ...channelOptions(target, serviceConfig, init),
      [REFRESH_OPTION]: dnsRefreshMs,
      [CONNECT_TIMEOUT_OPTION]: connectTimeoutMs,
    };
    const missing = requireKnownGrpcJs(init.allowUnknownGrpcJs ?? false);
    const channel = new GrpcChannel(refreshingTarget(target, dnsRefreshMs), withoutIpServername(credentials), options);
    hear(channel, init.logger);
    tellMissing(missing);
    resendRefusedCalls(channel);
    rememberSecurity(channel, { encrypted: isSecure(credentials) ?? false, plaintextCredentials });
    return channel;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof TypeError) {
      throw new TypeError(`Can't open a channel to "${target}": ${reason}`, { cause: error });
    }
    throw new Error(`Can't open a channel to "${target}": ${reason}`, { cause: error });
  }
}

function channelOptions(target: string, serviceConfig: ServiceConfig, init: ChannelInit): ChannelOptions {
  const patienceMs = isLookedUp(target) ? NAME_PATIENCE_MS : 0;
  return {
    "grpc.service_config": JSON.stringify(patientServiceConfig(serviceConfig, patienceMs)),
    // The contract decides, and neither a DNS record nor an environment variable.
    "grpc.service_config_disable_resolution": 1,
    "grpc.enable_http_proxy": 0,
    // Transparent retries need it, even where no method has a retry policy.
    "grpc.enable_retries": 1,
    // grpc-js looks a name up at most every 30 s, which is an outage when all pods are replaced faster.
    "grpc.dns_min_time_between_resolutions_ms": init.dnsLeastIntervalMs ?? CHANNEL_DEFAULTS.dnsLeastIntervalMs,
    // A backend that comes back under its address is tried again within 2 s (grpc-js adds up to a fifth), rather than 2 minutes.
    "grpc.initial_reconnect_backoff_ms": 500,
    "grpc.max_reconnect_backoff_ms": 1_600,
    "grpc.max_send_message_length": largest(
      init.maxRequestBytes ?? CHANNEL_DEFAULTS.maxRequestBytes,
      serviceConfig,
      "maxRequestMessageBytes",
    ),
    "grpc.max_receive_message_length": largest(
      init.maxResponseBytes ?? CHANNEL_DEFAULTS.maxResponseBytes,
      serviceConfig,
      "maxResponseMessageBytes",
    ),
    // Its bookkeeping costs every call something, and hardly anybody serves it.
    "grpc.enable_channelz": 0,
    [WINDOW_OPTION]: init.initialWindowBytes ?? CHANNEL_DEFAULTS.initialWindowBytes,
    ...init.extraOptions,
    ...keepaliveOptions(init.keepalive ?? "responsive", init.extraOptions),
  };
}

function patientServiceConfig(serviceConfig: ServiceConfig, patienceMs: number): object {
  const { loadBalancingConfig, ...rest } = grpcJsServiceConfig(serviceConfig);
  const { methodConfig } = serviceConfig;
  return { ...rest, loadBalancingConfig: patientLoadBalancing(loadBalancingConfig, { patienceMs, methodConfig }) };
}

/** The limit of the channel: the largest of its methods'. The methods' own are checked by each call. */
function largest(
  least: number,
  config: ServiceConfig,
  limit: "maxRequestMessageBytes" | "maxResponseMessageBytes",
): number {
  const limits = config.methodConfig?.map((method) => method[limit] ?? 0) ?? [];
  return Math.max(least, ...limits);
}

/** grpc-js would take a URL for a name, and say at the first call that it can't be looked up. */
function requireTarget(target: string): void {
  if (typeof target !== "string" || target === "") {
    const given = target === "" ? 'to ""' : `to ${kindOf(target)}`;
    throw new TypeError(
      `Can't open a channel ${given}: the target must be a name with a port: dns:///ledger:50051 (is its environment variable set?)`,
    );
  }
  if (/^https?:/i.test(target)) {
    throw new Error(
      `Can't open a channel to "${target}": a target is no URL; write dns:///ledger:50051, and choose TLS by the credentials`,
    );
  }
}

/** Has names that DNS resolves looked up on a timer. Other schemes (`unix:`, `ipv4:`, …) stay what they are. */
function refreshingTarget(target: string, refreshMs: number): string {
  if (refreshMs === Number.POSITIVE_INFINITY) {
    return target;
  }
  registerRefreshingResolver();
  if (target.startsWith("dns:")) {
    return `${REFRESHING_SCHEME}${target.slice("dns".length)}`;
  }
  // `name`, `name:port`, `[::1]:port`. Anything else has a scheme.
  return /^(\[[^\]]*\]|[^:/]+)(:\d+)?$/.test(target) ? `${REFRESHING_SCHEME}:///${target}` : target;
}

import { ChannelCredentials } from "@grpc/grpc-js";
import { group } from "../options/check-options.js";
import { loggerRule } from "../options/common-rules.js";
import {
  either,
  flag,
  messageSize,
  type OptionRule,
  type OptionRules,
  required,
  rule,
  time,
  withMethods,
} from "../options/option-rule.js";
import type { Channel, ChannelInit } from "./channel-init.js";
import type { ChannelOptions, KeepaliveTimes } from "./channel-options.js";

const text = rule("a text", (value) => typeof value === "string");

// grpc-js compares it, hands it to timers and to HTTP/2, and looks at it nowhere.
const number = rule(
  "a whole number from 0, or -1 where that is no limit",
  (value) => Number.isSafeInteger(value) && (value as number) >= -1,
);

const GRPC_JS_RULES: OptionRules<ChannelOptions> = {
  "grpc.ssl_target_name_override": text,
  "grpc.primary_user_agent": text,
  "grpc.secondary_user_agent": text,
  "grpc.default_authority": text,
  "grpc.keepalive_time_ms": number,
  "grpc.keepalive_timeout_ms": number,
  "grpc.keepalive_permit_without_calls": number,
  "grpc.service_config": text,
  "grpc.initial_reconnect_backoff_ms": number,
  "grpc.max_reconnect_backoff_ms": number,
  "grpc.use_local_subchannel_pool": number,
  "grpc.max_send_message_length": number,
  "grpc.max_receive_message_length": number,
  "grpc.enable_http_proxy": number,
  "grpc.http_connect_target": text,
  "grpc.http_connect_creds": text,
  "grpc.default_compression_algorithm": number,
  "grpc.enable_channelz": number,
  "grpc.dns_min_time_between_resolutions_ms": number,
  "grpc.enable_retries": number,
  "grpc.per_rpc_retry_buffer_size": number,
  "grpc.retry_buffer_size": number,
  "grpc-node.max_session_memory": number,
  "grpc.service_config_disable_resolution": number,
  "grpc.client_idle_timeout_ms": number,
  "grpc-node.tls_enable_trace": number,
  "grpc.lb.ring_hash.ring_size_cap": number,
  "grpc-node.retry_max_attempts_limit": number,
  "grpc-node.flow_control_window": number,
};

const KEEPALIVE_RULES: OptionRules<KeepaliveTimes> = {
  timeMs: required(time({ least: 1 })),
  timeoutMs: required(time({ least: 1 })),
  whenIdle: flag,
};

const keepalive: OptionRule = either(
  (value) => typeof value === "object" && value !== null,
  group(KEEPALIVE_RULES),
  rule(
    '"responsive", "conservative", "off", or { timeMs, timeoutMs }',
    (value) => value === "responsive" || value === "conservative" || value === "off",
  ),
);

// As grpc-js finds out itself, in the channel's constructor: those of another copy of it are none.
export const channelCredentials: OptionRule = rule(
  "channel credentials of this @grpc/grpc-js: credentials.createInsecure(), or tlsChannelCredentials(…)",
  (value) => value instanceof ChannelCredentials,
);

export const CHANNEL_RULES: OptionRules<ChannelInit> = {
  credentials: required(channelCredentials),
  keepalive,
  dnsRefreshMs: time({ least: 1, forever: true }),
  connectTimeoutMs: time({ least: 1, forever: true }),
  dnsLeastIntervalMs: time(),
  maxRequestBytes: messageSize,
  maxResponseBytes: messageSize,
  plaintextCredentials: flag,
  logger: loggerRule,
  extraOptions: group(GRPC_JS_RULES),
};

/** Something that calls can be made on: grpc-js's own channel, or one that does as it does. */
export const channelRule: OptionRule = required(
  withMethods<keyof Channel>(
    "a channel: buildXxxChannel(target, { credentials }) makes one",
    "createCall",
    "getTarget",
  ),
);

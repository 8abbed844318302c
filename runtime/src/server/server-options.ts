import type { ServerOptions as GrpcServerOptions, ServerCredentials, ServerInterceptor } from "@grpc/grpc-js";
import type { HandlerInterceptor } from "../call/handler-interceptor.js";
import { SERVER_DEFAULTS } from "../contract/defaults.js";
import type { Logger } from "../log/logger.js";
import type { AuthVerifier } from "./auth.js";
import type { BindOptions } from "./bind-service.js";

/** How a server is set up. Times are in milliseconds. */
export interface ServerOptions extends BindOptions {
  /** Default: a pino that writes JSON lines to stdout, at the level `LOG_LEVEL`. */
  readonly logger?: Logger;
  /** How many characters of a payload are logged; 0 logs none. Default 2048. */
  readonly payloadLimit?: number;
  /** Default: none, which is plain HTTP/2. */
  readonly credentials?: ServerCredentials;
  /** grpc-js's server interceptors, the first outermost on the wire. They see decoded messages. */
  readonly interceptors?: readonly ServerInterceptor[];
  /** What stands around the handlers of all calls, the first outermost. Not around the server's own services. */
  readonly handlerInterceptors?: readonly HandlerInterceptor[];
  /** Finds out who calls, for methods whose contract has an `auth` requirement. */
  readonly auth?: AuthVerifier;
  /** Whether tools may ask what the server serves. Default: unless NODE_ENV is `production`. */
  readonly reflection?: boolean;
  /** Whether SIGTERM and SIGINT drain the server, and a second signal ends the drain. Default: yes. */
  readonly handleSignals?: boolean;
  /** How long calls may run on when the server drains. Default 35 s. */
  readonly drainMs?: number;
  /** The largest request of methods whose contract doesn't say, in bytes. Default 4 MiB. */
  readonly maxRequestBytes?: number;
  /** The largest response of methods whose contract doesn't say, in bytes. Default 4 MiB. */
  readonly maxResponseBytes?: number;
  /** How many calls a connection may have at a time. Default 1000. */
  readonly maxConcurrentStreams?: number;
  /** The age at which a connection is closed, so that clients find new servers. Varied by ±10 %. Default 5 min. */
  readonly maxConnectionAgeMs?: number;
  /** How long calls may run on on a connection past its age. Default 30 s. */
  readonly maxConnectionAgeGraceMs?: number;
  /** How long a connection may have no calls. Default 60 s. */
  readonly maxConnectionIdleMs?: number;
  /** How often a connection's peer is asked whether it is there. Default 30 s. */
  readonly keepaliveTimeMs?: number;
  /** How long it may take to answer. Default 10 s. */
  readonly keepaliveTimeoutMs?: number;
  /** Options of grpc-js. They win over what is set above. */
  readonly extraOptions?: ExtraServerOptions;
}

/** The options that grpc-js's server honours, so that a misspelt one doesn't compile. It would have no effect. */
export interface ExtraServerOptions {
  readonly "grpc.max_concurrent_streams"?: number;
  readonly "grpc.max_connection_age_ms"?: number;
  readonly "grpc.max_connection_age_grace_ms"?: number;
  readonly "grpc.max_connection_idle_ms"?: number;
  readonly "grpc.keepalive_time_ms"?: number;
  readonly "grpc.keepalive_timeout_ms"?: number;
  readonly "grpc.max_receive_message_length"?: number;
  readonly "grpc.enable_channelz"?: 0 | 1;
  readonly "grpc.server_call_metric_recording"?: 0 | 1;
  readonly "grpc-node.max_session_memory"?: number;
  readonly "grpc-node.tls_enable_trace"?: 0 | 1;
}

/**
 * The options for grpc-js's server.
 *
 * @param maxRequestBytes the largest request of any method; each method's own limit is checked when it is decoded
 */
export function grpcServerOptions(options: ServerOptions, maxRequestBytes: number): GrpcServerOptions {
  return {
    "grpc.max_concurrent_streams": options.maxConcurrentStreams ?? 1000,
    "grpc.max_connection_age_ms": options.maxConnectionAgeMs ?? SERVER_DEFAULTS.connectionAgeMs,
    "grpc.max_connection_age_grace_ms": options.maxConnectionAgeGraceMs ?? SERVER_DEFAULTS.connectionAgeGraceMs,
    "grpc.max_connection_idle_ms": options.maxConnectionIdleMs ?? 60_000,
    "grpc.keepalive_time_ms": options.keepaliveTimeMs ?? 30_000,
    "grpc.keepalive_timeout_ms": options.keepaliveTimeoutMs ?? 10_000,
    "grpc.max_receive_message_length": maxRequestBytes,
    // Responses are measured before they get there.
    "grpc.max_send_message_length": -1,
    // It counts each message of each connection, for a service that nobody can ask: this server doesn't offer it.
    "grpc.enable_channelz": 0,
    ...options.extraOptions,
  };
}

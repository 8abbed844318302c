import type { DescFile } from "@bufbuild/protobuf";
import type { HandlerInterceptor } from "../call/handler-interceptor.js";
import type { LogPolicy } from "../call/log-policy.js";
import { SERVER_DEFAULTS } from "../contract/defaults.js";
import type { Logger } from "../log/logger.js";
import { WindowPool } from "../wire/window-pool.js";
import type { AuthVerifier } from "./auth.js";
import type { BindOptions } from "./bind-service.js";
import type { ConnectionOptions } from "./http2/http2-server.js";
import { windowShare } from "./http2/request-budget.js";
import type { ServerMetricRecorder } from "./server-metrics.js";
import type { ServerTlsOptions } from "./server-tls.js";
import type { HttpOptions } from "./web/http-options.js";

/** How a server is set up. Times are in milliseconds. */
export interface ServerOptions extends BindOptions {
  /** Default: pino's JSON lines on stdout, at the level `LOG_LEVEL`. pino itself, or anything with four methods, fits. */
  readonly logger?: Logger;
  /** How many characters of a payload are logged; 0 logs none. Default 2048. */
  readonly payloadLimit?: number;
  /** How the lines of all calls are written, whatever contracts say. */
  readonly logPolicy?: LogPolicy;
  /**
   * How those of single services or methods are, by their full names: `"ledger.v1.LedgerService"`,
   * `"ledger.v1.LedgerService/Transfer"`. It goes before {@link logPolicy}.
   */
  readonly logPolicies?: Readonly<Record<string, LogPolicy>>;
  /** The certificates of a server that speaks TLS. Default: none, which is plain HTTP/2. */
  readonly tls?: ServerTlsOptions;
  /**
   * What the server speaks beside gRPC, at the same port: Connect and gRPC-Web, over HTTP/2 and HTTP/1.1. It needs the package
   * `@connectrpc/connect`. Default: gRPC alone.
   */
  readonly http?: HttpOptions;
  /** What stands around the handlers of all calls, the first outermost. Not around the server's own services. */
  readonly handlerInterceptors?: readonly HandlerInterceptor[];
  /** Finds out who calls, for methods whose contract has an `auth` requirement. */
  readonly auth?: AuthVerifier;
  /**
   * How long it may take. Then the call ends with UNAVAILABLE, and what it answers later is ignored. `Infinity`: as long as the
   * call. Default 10 s.
   */
  readonly authTimeoutMs?: number;
  /**
   * Whether tools may ask what the server serves. Where a service requires auth, so does reflection: any caller that the
   * verifier knows may ask. `"anonymous"`: anybody may. Default: true where NODE_ENV is `development` or `test`, else false.
   */
  readonly reflection?: boolean | "anonymous";
  /**
   * What reflection serves beside the services' own files, and those that their errors are made of: the files of messages that
   * travel in an `Any`, say. A generated module exports its file: `file_ledger_v1_events`.
   */
  readonly reflectionFiles?: readonly DescFile[];
  /** What the server says of its load as a whole, to clients that ask for it. Default: nothing. */
  readonly metricRecorder?: ServerMetricRecorder;
  /**
   * Whether each answer says how busy the server is: its calls and errors per second, and the share of its time that the event
   * loop works (`applicationUtilization`). Clients that balance by weight need it (gRFC A58). What a handler reports itself goes
   * before it. Default: no.
   */
  readonly reportsLoad?: boolean;
  /** Whether SIGTERM and SIGINT drain the server, and a second signal ends the drain. Default: yes. */
  readonly handleSignals?: boolean;
  /** Where `start()` listens if it is given no address: on this port of all interfaces. Default 50051. */
  readonly port?: number;
  /** How long calls may run on when the server drains. Default 35 s. */
  readonly drainMs?: number;
  /** The largest request of methods whose contract doesn't say, in bytes. Default 4 MiB. */
  readonly maxRequestBytes?: number;
  /** The largest response of methods whose contract doesn't say, in bytes. Default 4 MiB. */
  readonly maxResponseBytes?: number;
  /**
   * What headers and trailers of an answer may take together, in bytes, as HTTP/2 counts them. An error's details are cut to it: first
   * those that were added, then the metadata, never the business code. What a handler sets itself isn't cut. Proxies have buffers for
   * it, nginx's of 4 KiB: more ends the connection's calls. Default 3.5 KiB.
   */
  readonly maxResponseMetadataBytes?: number;
  /**
   * How many bytes of requests are held that no handler has got yet, over all connections. Beyond it, the server reads no more
   * than it can bring to an end. Default 64 MiB.
   */
  readonly maxBufferedRequestBytes?: number;
  /**
   * What each stream may send ahead of its reader, when a connection begins and when no more is needed, in bytes. The window
   * follows what the wire holds, up to 8 MiB, within a quarter of `maxBufferedRequestBytes` for all of them together. More at
   * the beginning helps where round trips are long and known to be. Default 64 KiB.
   */
  readonly initialWindowBytes?: number;
  /**
   * How long a message may take from its first byte to its last, and the only request of a call from the call's begin. It has that
   * time again whenever 64 KiB more of it have come. Default 60 s.
   */
  readonly requestTimeoutMs?: number;
  /**
   * How many calls the server runs at a time, over all connections; its own services don't count. Beyond it, a call is refused
   * before its body is read, with UNAVAILABLE and a pushback; so is one whose deadline leaves less time than such calls take at
   * present. Default: any number.
   */
  readonly maxConcurrentCalls?: number;
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
  /** How often peers may ping a connection on which nothing else happens. The third ping too early ends it. Default 1 s. */
  readonly minPingIntervalMs?: number;
}

/** What requests may hold before their handlers have them. */
export const DEFAULT_BUFFERED_BYTES = 64 * 1024 * 1024;

export const DEFAULT_REQUEST_TIMEOUT_MS = 60_000;

/** What health and reflection read: names. */
export const OWN_MAX_REQUEST_BYTES = 64 * 1024;

/** HTTP/2's own. */
const FIRST_WINDOW_BYTES = 65_535;

/** What a stream may send ahead of its reader when its connection begins. */
export function firstWindow({ initialWindowBytes = FIRST_WINDOW_BYTES }: ServerOptions): number {
  return initialWindowBytes;
}

/** What a server's connections are, where its options don't say. */
export function connectionOptions(options: ServerOptions): Omit<ConnectionOptions, "tls"> {
  return {
    windows: {
      firstBytes: firstWindow(options),
      pool: new WindowPool(windowShare(options.maxBufferedRequestBytes ?? DEFAULT_BUFFERED_BYTES)),
    },
    maxConcurrentStreams: options.maxConcurrentStreams ?? SERVER_DEFAULTS.concurrentStreams,
    policy: {
      maxAgeMs: options.maxConnectionAgeMs ?? SERVER_DEFAULTS.connectionAgeMs,
      ageGraceMs: options.maxConnectionAgeGraceMs ?? SERVER_DEFAULTS.connectionAgeGraceMs,
      idleMs: options.maxConnectionIdleMs ?? SERVER_DEFAULTS.connectionIdleMs,
      keepaliveTimeMs: options.keepaliveTimeMs ?? SERVER_DEFAULTS.keepaliveTimeMs,
      keepaliveTimeoutMs: options.keepaliveTimeoutMs ?? SERVER_DEFAULTS.keepaliveTimeoutMs,
      minPingIntervalMs: options.minPingIntervalMs ?? SERVER_DEFAULTS.minPingIntervalMs,
    },
  };
}

/** What grpc-js's server took, and what is to be written instead. */
const REFUSED: Readonly<Record<string, string>> = {
  interceptors:
    "`interceptors` are grpc-js's, and this server isn't. Write `handlerInterceptors: [async (context, next, call) => …]`: they " +
    "see the method, its metadata, requests and responses, and may set headers and trailers.",
  credentials:
    "`credentials` are grpc-js's, and this server isn't. Write `tls: { cert, key }`, and for mutual TLS " +
    "`tls: { cert, key, clientCa }`: paths of files, or PEM.",
  extraOptions:
    "`extraOptions` are grpc-js's, and this server isn't. What they did has options of its own: `maxConcurrentStreams`, " +
    "`maxConnectionAgeMs`, `maxConnectionAgeGraceMs`, `maxConnectionIdleMs`, `keepaliveTimeMs`, `keepaliveTimeoutMs`, " +
    "`maxRequestBytes`.",
};

/** @throws {TypeError} if the options have one that only grpc-js's server knows */
export function refuseGrpcJsOptions(options: ServerOptions): void {
  for (const [name, instead] of Object.entries(REFUSED)) {
    if ((options as Readonly<Record<string, unknown>> | null)?.[name] !== undefined) {
      throw new TypeError(`Can't make the server: ${instead}`);
    }
  }
}

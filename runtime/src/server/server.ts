import { Server, ServerCredentials, type ServiceDefinition } from "@grpc/grpc-js";
import { type LogSettings, loggedMethod } from "../call/call-log.js";
import { DEFAULT_MAX_MESSAGE_BYTES, SERVER_DEFAULTS } from "../contract/defaults.js";
import { defaultLogger } from "../log/default-logger.js";
import { GuardedLogger } from "../log/guarded-logger.js";
import type { Logger } from "../log/logger.js";
import { DEFAULT_PAYLOAD_LIMIT } from "../log/payload-text.js";
import type { BoundMethod, BoundService } from "./bind-service.js";
import { callInterceptors } from "./grpc-js/call-interceptors.js";
import { ServedSessions } from "./grpc-js/closing-session.js";
import { correctTimeouts } from "./grpc-js/request-timeout.js";
import { type HealthRegistry, HealthTeller } from "./health.js";
import { Listener, type ListeningAddress } from "./listener.js";
import { bindReflection } from "./reflection.js";
import { CallSet } from "./running-calls.js";
import type { ServedMethod } from "./served-method.js";
import { grpcServerOptions, type ServerOptions } from "./server-options.js";
import { type ServerClosed, shutDown } from "./shutdown.js";
import { onStopSignals } from "./stop-signals.js";

export type { HealthRegistry } from "./health.js";
export type { ExtraServerOptions, ServerOptions } from "./server-options.js";
export type { ServerClosed } from "./shutdown.js";

/** A server of bound services. It can be started and ended once. */
export interface GrpcServer {
  /**
   * Starts to listen, and to heed signals.
   *
   * @param address `0.0.0.0:50051` unless it says otherwise; port 0 is any free one; `unix:/run/ledger.sock`
   * @throws {Error} if the address can't be listened on (the server can then be started again), the server was started, or
   *   `drain` was called meanwhile. A signal meanwhile is no failure: `closed` says how the server ended
   */
  start(address?: string): Promise<ListeningAddress>;
  /**
   * Ends the server: it says NOT_SERVING, refuses new connections, waits for its calls, and answers those UNAVAILABLE that
   * run on after `drainMs`. Ends in bounded time whatever the peers do. Calling it again waits for the same end.
   *
   * @param reason what {@link ServerClosed.reason} says
   */
  drain(reason?: string): Promise<ServerClosed>;
  /** Resolves when the server has ended, and says how. Never rejects. */
  readonly closed: Promise<ServerClosed>;
  readonly health: HealthRegistry;
}

/**
 * Makes a server that serves the services, their health, and outside production their reflection. It doesn't listen yet.
 *
 * @throws {Error} if two of the services have the same name, or a method requires credentials and nobody verifies them
 */
export function createServer(services: readonly BoundService[], options: ServerOptions = {}): GrpcServer {
  return new DrainingServer(services, options);
}

class DrainingServer implements GrpcServer {
  readonly closed: Promise<ServerClosed>;
  readonly health: HealthTeller;
  readonly #options: ServerOptions;
  readonly #logger: Logger;
  readonly #grpc: Server;
  readonly #calls = new CallSet();
  readonly #ownCalls = new CallSet();
  readonly #force = new AbortController();
  #listener: Listener | undefined;
  #sessions: ServedSessions | undefined;
  #state: "new" | "starting" | "started" | "ended" = "new";
  #isStoppedBySignal = false;
  #end: (closed: ServerClosed) => void = () => {};
  #forgetSignals: () => void = () => {};

  constructor(services: readonly BoundService[], options: ServerOptions) {
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#options = options;
    this.#logger = new GuardedLogger(options.logger ?? defaultLogger());
    this.health = new HealthTeller(services);
    const own = [this.health.bind()];
    if (options.reflection ?? process.env.NODE_ENV !== "production") {
      own.push(...bindReflection([...services, ...own].map(({ service }) => service)));
    }
    const methods = this.#serve(services, own);
    const requestLimits = [...methods.values()].map(({ maxRequestBytes }) => maxRequestBytes);
    this.#grpc = new Server({
      ...grpcServerOptions(options, Math.max(...requestLimits)),
      interceptors: callInterceptors(methods, options.interceptors ?? []),
    });
    for (const service of [...services, ...own]) {
      addService(this.#grpc, service);
    }
  }

  async start(address = `0.0.0.0:${SERVER_DEFAULTS.port}`): Promise<ListeningAddress> {
    if (this.#state !== "new") {
      const why = this.#state === "ended" ? "it has ended; make another one" : "it was started before";
      throw new Error(`Can't start the server: ${why}`);
    }
    const credentials = this.#options.credentials ?? ServerCredentials.createInsecure();
    const injector = this.#grpc.createConnectionInjector(credentials);
    this.#sessions = new ServedSessions(this.#grpc);
    correctTimeouts(this.#grpc);
    this.#state = "starting";
    const listener = new Listener((socket) => injector.injectConnection(socket));
    if (this.#options.handleSignals ?? true) {
      // Before anything is awaited: a signal may come while the server starts.
      this.#forgetSignals = onStopSignals((signal) => this.#stopSignal(signal));
    }
    try {
      const bound = await listener.listen(address);
      if (this.#hasEnded) {
        listener.close();
        if (this.#isStoppedBySignal) {
          // As if the signal had come a moment later: it is no failure, and `closed` tells the rest.
          return bound;
        }
        throw new Error("The server was stopped while it started");
      }
      this.#listener = listener;
      this.#state = "started";
      this.#logger.info({ address: bound.address, port: bound.port }, "server.started");
      return bound;
    } catch (error) {
      injector.destroy();
      if (!this.#hasEnded) {
        this.#forgetSignals();
        this.#state = "new";
      }
      throw error;
    }
  }

  drain(reason = "drain"): Promise<ServerClosed> {
    if (!this.#hasEnded) {
      this.#state = "ended";
      void this.#shutDown(reason);
    }
    return this.closed;
  }

  // A getter, so that its value isn't taken to be what it was before an `await`.
  get #hasEnded(): boolean {
    return this.#state === "ended";
  }

  #stopSignal(signal: NodeJS.Signals): void {
    this.#isStoppedBySignal = true;
    if (this.#hasEnded) {
      this.#logger.warn({ reason: signal }, "server.forced");
      this.#force.abort();
    } else {
      void this.drain(signal);
    }
  }

  async #shutDown(reason: string): Promise<void> {
    const drainMs = this.#options.drainMs ?? SERVER_DEFAULTS.drainMs;
    this.#logger.info({ reason, calls: this.#calls.size, drain_ms: drainMs }, "server.draining");
    const parts = {
      health: this.health,
      listener: this.#listener ?? { close: () => {}, destroyConnections: () => {} },
      sessions: this.#sessions ?? { goAway: async () => true, idle: async () => {} },
      grpc: this.#grpc,
      calls: this.#calls,
      ownCalls: this.#ownCalls,
    };
    const closed = await shutDown(parts, reason, drainMs, this.#force.signal);
    this.#forgetSignals();
    const { outcome, abandoned, durationMs } = closed;
    this.#logger.info({ reason, outcome, abandoned, duration_ms: durationMs }, "server.closed");
    this.#end(closed);
  }

  #serve(services: readonly BoundService[], own: readonly BoundService[]): ReadonlyMap<string, ServedMethod> {
    const methods = new Map<string, ServedMethod>();
    const names = new Set<string>();
    for (const bound of [...services, ...own]) {
      const { typeName } = bound.service;
      if (names.has(typeName)) {
        throw new Error(
          `Can't make the server: the service ${typeName} was given twice, or is one of the server's own`,
        );
      }
      names.add(typeName);
      for (const method of bound.methods) {
        const served = this.#serveMethod(method, own.includes(bound));
        methods.set(served.path, served);
      }
    }
    return methods;
  }

  #serveMethod(method: BoundMethod, isOwn: boolean): ServedMethod {
    const { desc, codecs, body, log, errors, fallbackErrors, policy } = method;
    const { auth: verifier, interceptors = [], payloadLimit = DEFAULT_PAYLOAD_LIMIT } = this.#options;
    const logSettings: LogSettings = { logger: this.#logger, payloadLimit, quiet: isOwn };
    if (policy.auth !== undefined && verifier === undefined) {
      throw new Error(
        `Can't make the server: the contract of ${desc.parent.typeName}.${desc.name} has an auth requirement, and the ` +
          "server has no verifier. Pass `auth` in the server's options.",
      );
    }
    return {
      ...loggedMethod(desc),
      codecs,
      body,
      log,
      errors,
      fallbackErrors,
      logSettings,
      maxTimeoutMs: policy.maxTimeoutMs ?? Number.POSITIVE_INFINITY,
      maxRequestBytes: policy.maxRequestBytes ?? this.#options.maxRequestBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
      maxResponseBytes: policy.maxResponseBytes ?? this.#options.maxResponseBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
      running: isOwn ? this.#ownCalls : this.#calls,
      intercepted: interceptors.length > 0,
      handlerInterceptors: isOwn ? [] : (this.#options.handlerInterceptors ?? []),
      auth: policy.auth && verifier && { requirement: policy.auth, verifier },
    };
  }
}

// grpc-js gets no more than the paths: messages stay bytes, and the handlers are never called.
function addService(server: Server, { methods }: BoundService): void {
  if (methods.length === 0) {
    return;
  }
  const definition: Record<string, ServiceDefinition[string]> = {};
  const handlers: Record<string, () => void> = {};
  for (const { desc } of methods) {
    const { path, streamsRequests, streamsResponses } = loggedMethod(desc);
    definition[desc.name] = {
      path,
      requestStream: streamsRequests,
      responseStream: streamsResponses,
      requestSerialize: unchanged,
      requestDeserialize: unchanged,
      responseSerialize: unchanged,
      responseDeserialize: unchanged,
    };
    handlers[desc.name] = () => {};
  }
  server.addService(definition, handlers);
}

function unchanged(bytes: Buffer): Buffer {
  return bytes;
}

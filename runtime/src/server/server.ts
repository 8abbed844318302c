import type { Duplex } from "node:stream";
import { SERVER_DEFAULTS } from "../contract/defaults.js";
import { hearGrpcJs } from "../grpc-js/library-log.js";
import { defaultLogger } from "../log/default-logger.js";
import type { Logger } from "../log/logger.js";
import { refuseIf } from "../options/check-options.js";
import { rule } from "../options/option-rule.js";
import { checkPackages } from "../packages/check-packages.js";
import type { BoundService } from "./bind-service.js";
import { checkedFiles, errorFiles } from "./error-files.js";
import { type HealthRegistry, HealthTeller } from "./health.js";
import { RequestBudget } from "./http2/request-budget.js";
import { type MakeCall, RequestGate } from "./http2/request-gate.js";
import { Listener, type ListeningAddress } from "./listener.js";
import { warnOfPassThrough } from "./pass-through.js";
import { bindReflection, reflectionAuth, reflects } from "./reflection.js";
import type { CallSet } from "./running-calls.js";
import { type ServeOptions, serveProcess } from "./serve-process.js";
import type { ServedMethod } from "./served-method.js";
import { serveMethods } from "./served-methods.js";
import { ServerCall } from "./server-call.js";
import { ServerConnections } from "./server-connections.js";
import { requireServer } from "./server-option-checks.js";
import {
  DEFAULT_BUFFERED_BYTES,
  DEFAULT_REQUEST_TIMEOUT_MS,
  firstWindow,
  refuseGrpcJsOptions,
  type ServerOptions,
} from "./server-options.js";
import { ServerCertificates } from "./server-tls.js";
import { corsOf, openWeb } from "./server-web.js";
import { type ServerClosed, shutDown } from "./shutdown.js";
import { onStopSignals } from "./stop-signals.js";
import type { WebFront } from "./web/web-front.js";

export type { HealthRegistry } from "./health.js";
export type { ServeOptions } from "./serve-process.js";
export type { ServerOptions } from "./server-options.js";
export type { ServerClosed } from "./shutdown.js";

/** A server of bound services. It can be started and ended once. */
export interface GrpcServer {
  /**
   * Starts to listen, and to heed signals.
   *
   * @param address the port of the options on `0.0.0.0` unless it says otherwise; port 0 is any free one; `unix:/run/ledger.sock`. Of several, all
   *   are listened on, or none
   * @throws {Error} if the address can't be listened on (the server can then be started again), the server was started, or
   *   `drain` was called meanwhile. A signal meanwhile is no failure: `closed` says how the server ended
   */
  start(address?: string): Promise<ListeningAddress>;
  start(addresses: readonly string[]): Promise<readonly ListeningAddress[]>;
  /**
   * Makes the server what this process is for: starts it, waits until a signal or {@link drain} has ended it, calls `cleanUp`,
   * has the logger write what it holds, and leaves the process, whatever still goes on in it. It returns never.
   *
   * The exit code is 0 if each call was answered by its handler; 1, with a line on stderr, if the server couldn't start (the port
   * is in use, say), calls were cut off at the end of the drain, or the clean-up failed. Where a process does more than serve, use
   * {@link start} and {@link closed}.
   *
   * @param address as {@link start} takes it
   */
  serve(address?: string | readonly string[], options?: ServeOptions): Promise<never>;
  /**
   * Serves a connection that was made elsewhere: in a test, from a socket that something else has accepted. It ends with the
   * server.
   *
   * @throws {Error} if the server has ended
   */
  accept(connection: Duplex): Promise<void>;
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
 * Makes a server that serves the services, their health, and their reflection where `reflection` says so. It doesn't listen yet.
 *
 * @throws {Error} if two of the services have the same name, a method requires credentials and nobody verifies them, or
 *   certificates can't be used
 * @throws {TypeError} if an option isn't what its type says, or is one of grpc-js's: the text says what to write instead
 */
export function createServer(services: readonly BoundService[], options: ServerOptions = {}): GrpcServer {
  return new DrainingServer(services, options);
}

const ADDRESSES = rule(
  "a text, or a list of texts: 0.0.0.0:50051, [::]:50051, unix:/run/server.sock",
  (address) =>
    typeof address === "string" || (Array.isArray(address) && address.every((each) => typeof each === "string")),
);

class DrainingServer implements GrpcServer {
  readonly closed: Promise<ServerClosed>;
  readonly health: HealthTeller;
  readonly #services: readonly BoundService[];
  readonly #options: ServerOptions;
  readonly #logger: Logger;
  readonly #gate: RequestGate<ServedMethod>;
  readonly #certificates: ServerCertificates | undefined;
  readonly #calls: CallSet;
  readonly #ownCalls: CallSet;
  readonly #force = new AbortController();
  #listener: Listener | undefined;
  readonly #openWeb: () => Promise<WebFront<ServedMethod> | undefined>;
  #web: WebFront<ServedMethod> | undefined;
  #connections: ServerConnections | undefined;
  #opening: Promise<ServerConnections> | undefined;
  #state: "new" | "starting" | "started" | "ended" = "new";
  #isStoppedBySignal = false;
  #end: (closed: ServerClosed) => void = () => {};
  #forgetSignals: () => void = () => {};
  #forgetGrpcJs: () => void = () => {};

  constructor(services: readonly BoundService[], options: ServerOptions) {
    refuseGrpcJsOptions(options);
    requireServer(services, options);
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#services = services;
    this.#options = options;
    this.health = new HealthTeller(services);
    const own = [this.health.bind(), ...(options.metricRecorder ? [options.metricRecorder.bind()] : [])];
    if (reflects(options)) {
      const described = services.filter(({ isUndescribed = false }) => !isUndescribed);
      const files = [...errorFiles(services), ...checkedFiles(options.reflectionFiles ?? [])];
      own.push(
        ...bindReflection(
          [...described, ...own].map(({ service }) => service),
          files,
          reflectionAuth(services, options),
        ),
      );
    }
    const { methods, logger, calls, ownCalls } = serveMethods(services, own, options);
    this.#logger = logger;
    this.#calls = calls;
    this.#ownCalls = ownCalls;
    const { maxBufferedRequestBytes = DEFAULT_BUFFERED_BYTES, requestTimeoutMs = DEFAULT_REQUEST_TIMEOUT_MS } = options;
    const budget = new RequestBudget(maxBufferedRequestBytes, firstWindow(options), (isHigh) =>
      this.#connections?.narrow(isHigh),
    );
    const makeCall: MakeCall<ServedMethod> = (method, transport, timeoutMs) =>
      new ServerCall(method, transport, timeoutMs);
    const limits = { budget, requestTimeoutMs };
    this.#gate = new RequestGate(methods, limits, makeCall, () => this.#web?.enterStream);
    const cors = corsOf(options, methods);
    const isReady = (): boolean => this.health.get("") === true;
    this.#openWeb = () => openWeb(options, services, { methods, makeCall, ...limits, cors, isReady });
    this.#certificates = options.tls && new ServerCertificates({ logger, ...options.tls });
  }

  start(address?: string): Promise<ListeningAddress>;
  start(addresses: readonly string[]): Promise<readonly ListeningAddress[]>;
  async start(
    address: string | readonly string[] = `0.0.0.0:${this.#options.port ?? SERVER_DEFAULTS.port}`,
  ): Promise<ListeningAddress | readonly ListeningAddress[]> {
    refuseIf("Can't start the server", ADDRESSES.faults("the address", address));
    if (typeof address !== "string") {
      return this.#start(address);
    }
    const [bound] = await this.#start([address]);
    if (bound === undefined) {
      throw new Error("Can't start the server: it was given no address");
    }
    return bound;
  }

  serve(address?: string | readonly string[], options: ServeOptions = {}): Promise<never> {
    const start = () =>
      address === undefined || typeof address === "string" ? this.start(address) : this.start(address);
    const logger = this.#options.logger ?? defaultLogger();
    return serveProcess({ start, closed: this.closed, logger }, options);
  }

  async accept(connection: Duplex): Promise<void> {
    if (this.#hasEnded) {
      connection.destroy();
      throw new Error("Can't accept the connection: the server has ended");
    }
    (await this.#open()).accept(connection);
  }

  async #start(addresses: readonly string[]): Promise<readonly ListeningAddress[]> {
    if (this.#state !== "new") {
      const why = this.#state === "ended" ? "it has ended; make another one" : "it was started before";
      throw new Error(`Can't start the server: ${why}`);
    }
    checkPackages(this.#logger);
    this.#state = "starting";
    if (this.#options.handleSignals ?? true) {
      // Before anything is awaited: a signal may come while the server starts.
      this.#forgetSignals = onStopSignals((signal) => this.#stopSignal(signal));
    }
    const listener = new Listener((socket) => this.#connections?.accept(socket));
    try {
      await this.#open();
      const bound = await listener.listen(addresses);
      if (this.#hasEnded) {
        listener.close();
        if (this.#isStoppedBySignal) {
          // As if the signal had come a moment later: it is no failure, and `closed` tells the rest.
          return bound;
        }
        throw new Error("The server was stopped while it started");
      }
      this.#forgetGrpcJs = hearGrpcJs(this.#options.logger ?? defaultLogger());
      this.#listener = listener;
      this.#state = "started";
      warnOfPassThrough(this.#services, this.#logger);
      for (const { address, port } of bound) {
        this.#logger.info({ address, port }, "server.started");
      }
      return bound;
    } catch (error) {
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
      sessions: this.#connections ?? { leave: () => {}, idle: async () => {}, destroy: () => {} },
      calls: this.#calls,
      ownCalls: this.#ownCalls,
    };
    const closed = await shutDown(parts, reason, drainMs, this.#force.signal);
    this.#forgetSignals();
    this.#certificates?.unwatch();
    const { outcome, abandoned, durationMs } = closed;
    this.#logger.info({ reason, outcome, abandoned, duration_ms: durationMs }, "server.closed");
    this.#forgetGrpcJs();
    this.#end(closed);
  }

  #open(): Promise<ServerConnections> {
    this.#opening ??= this.#openConnections();
    return this.#opening;
  }

  async #openConnections(): Promise<ServerConnections> {
    this.#web = await this.#openWeb();
    const tls = await this.#certificates?.watch((renewed) => this.#connections?.renew(renewed));
    this.#connections = new ServerConnections(this.#options, tls, this.#gate.enter, this.#web);
    return this.#connections;
  }
}

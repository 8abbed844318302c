import http2, { type Http2Session, type ServerHttp2Stream } from "node:http2";
import { expect, vi } from "vitest";
import {
  MemoryLogger,
  type MemoryLogLine,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from "../../../runtime/src/testing/index.js";
import { bindProbe, type ProbeServicer } from "../../../runtime/test-support/probe-service.js";
import { histogramPoints, registerTestSdk, type TestSdk } from "../../../runtime/test-support/telemetry.js";

/** What a call that has ended leaves behind, if it leaves anything. */
interface Held {
  readonly streams: number;
  readonly timers: number;
  readonly listeners: number;
}

/** The log lines of a call, by their names. */
export interface CallLines {
  readonly request: MemoryLogLine;
  readonly response: MemoryLogLine;
}

export interface WatchedServerOptions extends TestServerOptions {
  readonly policies?: NonNullable<Parameters<typeof bindProbe>[1]>["policies"];
}

/** A server of the probe service whose streams, timers, listeners, log lines and metrics are counted. */
export class WatchedServer {
  readonly logger = new MemoryLogger();
  readonly #sdk: TestSdk = registerTestSdk({ tracing: false });
  readonly #sessions = new Set<Http2Session>();
  readonly #streams = new Set<ServerHttp2Stream>();
  readonly #unhandled: unknown[] = [];
  #running: TestServer | undefined;

  static async start(servicer: ProbeServicer, options: WatchedServerOptions = {}): Promise<WatchedServer> {
    const watched = new WatchedServer();
    await watched.#start(servicer, options);
    return watched;
  }

  async #start(servicer: ProbeServicer, { policies, ...options }: WatchedServerOptions): Promise<void> {
    const { createServer } = http2;
    // The runtime takes it from the same object.
    const spy = vi.spyOn(http2, "createServer").mockImplementation((...args: unknown[]) => {
      const server = (createServer as (...args: unknown[]) => http2.Http2Server)(...args);
      server.on("session", (session) => {
        this.#sessions.add(session);
        session.once("close", () => this.#sessions.delete(session));
      });
      server.on("stream", (stream) => {
        this.#streams.add(stream);
        stream.once("close", () => this.#streams.delete(stream));
      });
      return server;
    });
    process.on("unhandledRejection", this.#keepUnhandled);
    process.on("uncaughtException", this.#keepUnhandled);
    const service = bindProbe(servicer, policies && { policies });
    this.#running = await startTestServer([service], { logger: this.logger, ...options });
    spy.mockRestore();
  }

  get address(): string {
    return this.#running?.address ?? "";
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** What the server holds now. The timers are those of the whole process. */
  held(): Held {
    let listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
    for (const session of this.#sessions) {
      for (const emitter of session.destroyed ? [session] : [session, session.socket]) {
        listeners += emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name as string), 0);
      }
    }
    const timers = process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
    return { streams: this.#streams.size, timers, listeners };
  }

  /** Waits until no more is held than before. */
  async holdsNoMoreThan(before: Held): Promise<void> {
    const patience = performance.now() + 10_000;
    let now = this.held();
    while (
      performance.now() < patience &&
      (now.streams > before.streams || now.timers > before.timers || now.listeners > before.listeners)
    ) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      now = this.held();
    }
    expect(now.streams).toBeLessThanOrEqual(before.streams);
    expect(now.timers).toBeLessThanOrEqual(before.timers);
    expect(now.listeners).toBeLessThanOrEqual(before.listeners);
  }

  /** Waits for the two lines of each of `count` calls, and says that there are no more. */
  async lines(method: string, count = 1): Promise<CallLines[]> {
    const named = (name: string) => this.logger.lines.filter(({ message }) => message === `${method}.${name}`);
    await expect.poll(() => named("response").length).toBeGreaterThanOrEqual(count);
    // What is too much may come late.
    await new Promise((resolve) => setImmediate(resolve));
    const [requests, responses] = [named("request"), named("response")];
    // A call whose caller left before a handler ran has one line, at debug.
    const unbegun = responses.filter(({ level }) => level === "debug").length;
    expect([requests.length + unbegun, responses.length]).toEqual([count, count]);
    let index = 0;
    return responses.map((response) => {
      const request = response.level === "debug" ? response : requests[index++];
      if (request === undefined) {
        throw new Error("there are as many");
      }
      return { request, response };
    });
  }

  /** How many calls of a method were counted as started, and as ended with which status. */
  async counted(method: string): Promise<{ started: number; ended: Record<string, number> }> {
    const of = (attributes: Record<string, unknown>) =>
      String(attributes["grpc.method"] ?? attributes["rpc.method"]).endsWith(`/${method}`);
    const started = await this.#sdk.metric("grpc.server.call.started");
    const points = histogramPoints(await this.#sdk.metric("grpc.server.call.duration"));
    const ended: Record<string, number> = {};
    for (const { attributes, value } of points.filter((point) => of(point.attributes))) {
      const status = String(attributes["grpc.status"]);
      ended[status] = (ended[status] ?? 0) + value.count;
    }
    const starts = (started?.dataPoints ?? []).filter((point) => of(point.attributes));
    return { started: starts.reduce((sum, { value }) => sum + Number(value), 0), ended };
  }

  /**
   * Ends the server when its peers have gone. It must hold none of their connections and calls any more, and must have thrown
   * nothing that nobody caught.
   */
  async close(): Promise<void> {
    await expect.poll(() => this.#sessions.size, { interval: 5, timeout: 10_000 }).toBe(0);
    await this.#running?.close();
    await this.#sdk.shutdown();
    process.off("unhandledRejection", this.#keepUnhandled);
    process.off("uncaughtException", this.#keepUnhandled);
    const draining = this.logger.lines.find(({ message }) => message === "server.draining");
    expect(this.#unhandled).toEqual([]);
    expect(draining?.fields.calls).toBe(0);
  }

  readonly #keepUnhandled = (error: unknown): void => {
    this.#unhandled.push(error);
  };
}

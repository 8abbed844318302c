import { EventEmitter } from "node:events";
import { Duplex, type DuplexOptions } from "node:stream";
import type { Metadata } from "@grpc/grpc-js";
import type { CallContext } from "../../call/call-context.js";
import { dispatchedCall } from "../../call/method-layer.js";
import type { CallBehindContext } from "../../call/server-call-context.js";
import type { LoadReport } from "../../wire/load-report.js";
import { peerCertificate } from "../peer-certificate.js";

/** What grpc-js's handlers find on each call, whatever its kind. */
export interface RawSurface {
  cancelled: boolean;
  readonly metadata: Metadata;
  getPeer(): string;
  getPath(): string;
  getHost(): string;
  getDeadline(): Date | number;
  getAuthContext(): object;
  getMetricsRecorder(): object;
  sendMetadata(metadata: Metadata): void;
}

/** The call of a handler that takes one request and answers once. */
export type RawUnaryCall = EventEmitter & RawSurface & { readonly request: unknown };

/** A call without streams. */
export function rawUnaryCall(context: CallContext, request: unknown): RawUnaryCall {
  const call = Object.assign(new EventEmitter(), surfaceOf(context), { request });
  // An `error` that nobody listens to would end the process.
  call.on("error", () => {});
  whenCancelled(context.signal, () => cancel(call));
  return call;
}

/** Which ways the messages of a call stream, and what of it the handler finds besides. */
export interface RawStreamInit {
  /** The requests, where they stream. */
  readonly requests?: AsyncIterable<unknown>;
  /** The request, where there is one. */
  readonly request?: unknown;
  /** Whether responses stream. */
  readonly responds: boolean;
}

/** The call of a handler of streams: Node's own, as grpc-js's handlers expect them. */
export class RawStream extends Duplex {
  /** What of the responses waits to be sent. Whoever takes one says so, and the handler may write on. */
  readonly written: { readonly response: unknown; readonly taken: () => void }[] = [];
  cancelled = false;
  /** The handler has said that these were all responses. */
  hasEnded = false;
  /** Nothing is written any more, whether or not the handler has said so. */
  isClosed = false;
  /** What the handler ended the call with, by `emit("error")` or `destroy(error)`. */
  failure: { readonly thrown: unknown } | undefined;
  readonly #requests: AsyncIterator<unknown> | undefined;
  readonly #context: CallContext;
  #wake: () => void = () => {};

  constructor(context: CallContext, { requests, request, responds }: RawStreamInit) {
    // Node 20's types don't know the two flags.
    const options: DuplexOptions & { readonly readable: boolean; readonly writable: boolean } = {
      ...{ objectMode: true, highWaterMark: 1 },
      ...{ readable: requests !== undefined, writable: responds },
    };
    super(options);
    this.#context = context;
    this.#requests = requests?.[Symbol.asyncIterator]();
    Object.assign(this, surfaceOf(context), requests === undefined ? { request } : {});
    this.on("error", (thrown: unknown) => {
      this.failure ??= { thrown };
      this.#wake();
    });
    this.on("close", () => {
      this.isClosed = true;
      this.#wake();
    });
    whenCancelled(context.signal, () => {
      cancel(this);
      // A stream that breaks off must not look like one that ended.
      this.destroy();
    });
  }

  /** Resolves when there is more to send, or nothing more comes. */
  more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Ends the responses. @param trailers go out with the status */
  override end(trailers?: unknown): this {
    mergeTrailers(this.#context, trailers);
    return super.end();
  }

  override _read(): void {
    this.#requests?.next().then(
      ({ done, value }) => this.push(done ? null : value),
      (error: Error) => this.destroy(error),
    );
  }

  override _write(response: unknown, _encoding: BufferEncoding, taken: () => void): void {
    this.written.push({ response, taken });
    this.#wake();
  }

  override _final(done: () => void): void {
    this.hasEnded = true;
    this.#wake();
    done();
  }
}

/** Takes the trailers that a handler hands over, if it does. */
export function mergeTrailers(context: CallContext, trailers: unknown): void {
  if (isMetadata(trailers)) {
    context.responseTrailers.merge(trailers);
  }
}

// grpc-js's handlers may be written against another copy of it: its `Metadata` isn't ours then, and has the same methods.
function isMetadata(value: unknown): value is Metadata {
  return typeof (value as Partial<Metadata> | null | undefined)?.getMap === "function";
}

function surfaceOf(context: CallContext): RawSurface {
  const report = (measured: LoadReport) => context.reportLoad(measured);
  return {
    cancelled: false,
    metadata: context.requestMetadata,
    getPeer: () => context.peer,
    getPath: () => context.path,
    getHost: () => (dispatchedCall(context) as CallBehindContext | undefined)?.host ?? "",
    getDeadline: () => context.deadline ?? Number.POSITIVE_INFINITY,
    getAuthContext: () => {
      const sslPeerCertificate = peerCertificate(context);
      return sslPeerCertificate === undefined ? {} : { transportSecurityType: "ssl", sslPeerCertificate };
    },
    getMetricsRecorder: () => ({
      recordRequestCostMetric: (name: string, value: number) => report({ requestCost: { [name]: value } }),
      recordUtilizationMetric: (name: string, value: number) => report({ utilization: { [name]: value } }),
      recordNamedMetric: (name: string, value: number) => report({ namedMetrics: { [name]: value } }),
      recordCPUUtilizationMetric: (cpuUtilization: number) => report({ cpuUtilization }),
      recordMemoryUtilizationMetric: (memoryUtilization: number) => report({ memoryUtilization }),
      recordApplicationUtilizationMetric: (applicationUtilization: number) => report({ applicationUtilization }),
      recordQpsMetric: (requestsPerSecond: number) => report({ requestsPerSecond }),
      recordEpsMetric: (errorsPerSecond: number) => report({ errorsPerSecond }),
    }),
    sendMetadata: (metadata) => {
      context.responseHeaders.merge(metadata);
      context.sendHeaders();
    },
  };
}

function whenCancelled(signal: AbortSignal, cancelled: () => void): void {
  if (signal.aborted) {
    cancelled();
  } else {
    signal.addEventListener("abort", cancelled, { once: true });
  }
}

function cancel(call: EventEmitter & { cancelled: boolean }): void {
  call.cancelled = true;
  call.emit("cancelled", "cancelled");
}

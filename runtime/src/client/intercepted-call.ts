import type { DescMessage, Message, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { Metadata } from "@grpc/grpc-js";
import { abortOf, linkAbort, unlinkAbort } from "../call/abort-link.js";
import type { Abortable, AbortSource } from "../call/abortable.js";
import type { CallContext } from "../call/call-context.js";
import { callDeadline } from "../call/call-deadline.js";
import { currentCall } from "../call/current-call.js";
import { Interception } from "../call/interception.js";
import { runInterceptors } from "../call/run-interceptors.js";
import { translateStatus } from "../errors/translation.js";
import { type CallStatus, clientStatus } from "../wire/call-status.js";
import { Status } from "../wire/status.js";
import { abortStatus } from "./abort-status.js";
import type { ClientCallContext } from "./call-interceptor.js";
import { metadataOf } from "./call-metadata-of.js";
import type { CallOptions } from "./client-method.js";
import type { MethodBinding } from "./method-binding.js";
import { iteratorOf, type Requests } from "./requests.js";

const NAMES = { interceptor: "call interceptor", innermost: "call" };

type Binding<Input extends DescMessage, Output extends DescMessage> = MethodBinding<Input, Output>;

/** A call with interceptors around it: what they see of it, and how it ends for its caller. */
export class CallInInterceptors<Input extends DescMessage, Output extends DescMessage>
  implements ClientCallContext, Abortable
{
  readonly incoming: CallContext | undefined = currentCall();
  readonly metadata: Metadata;
  responseHeaders: Metadata | undefined;
  responseTrailers: Metadata | undefined;
  readonly #binding: Binding<Input, Output>;
  readonly #options: CallOptions;
  readonly #deadline: number;
  readonly #interception: Interception;
  /** Of a method that takes one. */
  readonly #request: MessageInitShape<Input> | undefined;
  readonly #over = new AbortController();
  #isMade = false;
  /** How the call ends for its caller, were it not under way: it tells best itself. */
  #due: CallStatus | undefined;
  #reject: ((error: unknown) => void) | undefined;

  private constructor(binding: Binding<Input, Output>, options: CallOptions, request?: MessageInitShape<Input>) {
    this.#binding = binding;
    this.#options = options;
    this.#deadline = callDeadline(options.timeoutMs ?? binding.policy.timeoutMs, this.incoming);
    this.metadata = metadataOf(binding, options);
    this.#request = request === undefined ? undefined : binding.request(request);
    this.#interception = new Interception(async () => this.#singleRequest as Message);
  }

  /**
   * Begins a call. `undefined` where the client has no interceptors, and for a call that can't be made: whoever makes it finds out
   * why.
   *
   * @param request the request of a method that takes one
   */
  static begin<I extends DescMessage, O extends DescMessage>(
    binding: Binding<I, O>,
    options: CallOptions,
    request?: MessageInitShape<I>,
  ): CallInInterceptors<I, O> | undefined {
    if (binding.within === undefined) {
      return undefined;
    }
    try {
      const call = new CallInInterceptors(binding, options, request);
      return call.#isHopeless ? undefined : call;
    } catch {
      return undefined;
    }
  }

  /** What the call is made by. */
  get within(): Binding<Input, Output> {
    return this.#binding.within ?? this.#binding;
  }

  get method(): Binding<Input, Output>["method"] {
    return this.#binding.method;
  }

  get path(): string {
    return this.#binding.definition.path;
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  timeRemaining(): number {
    return this.#deadline - Date.now();
  }

  /** Makes the call inside the interceptors. Rejects with what its caller gets. */
  async run(make: (options: CallOptions) => Promise<void>): Promise<void> {
    const timer = this.#watch();
    const interceptors = this.#binding.options.callInterceptors ?? [];
    try {
      await new Promise<void>((resolve, reject) => {
        this.#reject = reject;
        runInterceptors<ClientCallContext>(NAMES, interceptors, this, this.#interception, () => this.#make(make)).then(
          resolve,
          reject,
        );
      });
    } finally {
      clearTimeout(timer);
      for (const source of this.#sources) {
        unlinkAbort(source, this);
      }
      this.#over.abort();
    }
  }

  /** The request, as the interceptors want it sent. @throws what one of them threw */
  seenRequest(request = this.#singleRequest): MessageInitShape<Input> {
    return this.#interception.seenRequest(request as Message) as MessageInitShape<Input>;
  }

  get #singleRequest(): MessageInitShape<Input> {
    if (this.#request === undefined) {
      throw new TypeError(`${this.path} takes a stream of requests: onRequest() sees each of them`);
    }
    return this.#request;
  }

  /** The requests, each as the interceptors want it sent. */
  seenRequests(requests: Requests<MessageInitShape<Input>>): Requests<MessageInitShape<Input>> {
    const source = iteratorOf(requests);
    const see = (init: MessageInitShape<Input>): MessageInitShape<Input> => {
      let request: MessageInitShape<Input>;
      try {
        request = this.#binding.request(init);
      } catch {
        // No request: the call finds out why.
        return init;
      }
      return this.seenRequest(request);
    };
    // Not a generator, which would hand on that the call has ended only after the request that is awaited.
    const iterator: AsyncIterator<MessageInitShape<Input>> = {
      async next() {
        const result = await source.next();
        return result.done === true ? result : { done: false, value: see(result.value) };
      },
      async return(value) {
        return (await source.return?.(value)) ?? { done: true, value };
      },
    };
    return { [Symbol.asyncIterator]: () => iterator };
  }

  /** A response, as the interceptors want it read. @throws what one of them threw */
  seenResponse(response: MessageShape<Output>): MessageShape<Output> {
    return this.#interception.seenResponse(response) as MessageShape<Output>;
  }

  /** Makes a call with one response inside the interceptors. Rejects with what its caller gets. */
  async response(make: (options: CallOptions) => Promise<MessageShape<Output>>): Promise<MessageShape<Output>> {
    const got: MessageShape<Output>[] = [];
    await this.run(async (options) => {
      got.push(this.seenResponse(await make(options)));
    });
    return got[0] as MessageShape<Output>;
  }

  /** The reader wants no more of the call. Gives the error that the interceptors get. */
  stopped(): unknown {
    this.#over.abort();
    return this.#errorOf(clientStatus(Status.CANCELLED, "The caller stopped reading"));
  }

  aborted(source: AbortSource): void {
    this.#end(abortStatus(source, this.incoming));
  }

  async #make(make: (options: CallOptions) => Promise<void>): Promise<void> {
    const { onHeaders, onTrailers } = this.#options;
    this.#isMade = true;
    try {
      await make({
        ...this.#options,
        metadata: this.metadata,
        timeoutMs: this.timeRemaining(),
        onHeaders: (headers) => {
          this.responseHeaders = headers;
          onHeaders?.(headers);
        },
        onTrailers: (trailers) => {
          this.responseTrailers = trailers;
          onTrailers?.(trailers);
        },
      });
      this.#made();
    } catch (error) {
      this.#made(error);
      throw error;
    }
  }

  #made(error?: unknown): void {
    this.#isMade = false;
    const due = this.#due;
    if (due !== undefined) {
      // Interceptors that hand it on at once are heard first.
      setImmediate(() => this.#reject?.(error ?? this.#errorOf(due)));
    }
  }

  get #sources(): readonly AbortSource[] {
    return [this.#options.signal, this.incoming].filter((source) => source !== undefined);
  }

  get #isHopeless(): boolean {
    return this.#deadline <= Date.now() || this.#sources.some((source) => abortOf(source) !== undefined);
  }

  #watch(): NodeJS.Timeout | undefined {
    for (const source of this.#sources) {
      linkAbort(source, this);
    }
    return this.#deadline === Number.POSITIVE_INFINITY
      ? undefined
      : setTimeout(
          () => this.#end(clientStatus(Status.DEADLINE_EXCEEDED, "Deadline exceeded")),
          this.timeRemaining() + 1,
        );
  }

  #end(status: CallStatus): void {
    this.#due = status;
    if (!this.#isMade) {
      this.#reject?.(this.#errorOf(status));
    }
    this.#over.abort();
  }

  #errorOf(status: CallStatus): unknown {
    return translateStatus(status, this.#binding.errors);
  }
}

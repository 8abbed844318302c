import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { clientStatus } from "../wire/call-status.js";
import { Status } from "../wire/status.js";
import { type CallEnd, ClientCall, isOk } from "./client-call.js";
import type { CallOptions } from "./client-method.js";
import { CallInInterceptors } from "./intercepted-call.js";
import type { MethodBinding } from "./method-binding.js";
import { type Requests, requireRequests } from "./requests.js";

/** A call with one response: unary, or with a stream of requests. */
export class SingleResponseCall<Input extends DescMessage, Output extends DescMessage> extends ClientCall<
  Input,
  Output
> {
  #response: MessageShape<Output> | undefined;
  #settle: ((end: CallEnd) => void) | undefined;
  readonly #settled = new Promise<CallEnd>((resolve) => {
    this.#settle = resolve;
  });

  /** Makes a unary call. Rejects as {@link UnaryMethod} says. */
  static unary<I extends DescMessage, O extends DescMessage>(
    binding: MethodBinding<I, O>,
    request: MessageInitShape<I>,
    options: CallOptions,
  ): Promise<MessageShape<O>> {
    const around = CallInInterceptors.begin(binding, options, request);
    const make = (init: MessageInitShape<I>, by: CallOptions): Promise<MessageShape<O>> => {
      const call = new SingleResponseCall(around?.within ?? binding, by);
      call.startWithOne(init);
      return call.#result();
    };
    return around === undefined
      ? make(request, options)
      : around.response(async (by) => make(around.seenRequest(), by));
  }

  /** Makes a call with a stream of requests. Rejects as {@link ClientStreamingMethod} says. */
  static async clientStreaming<I extends DescMessage, O extends DescMessage>(
    binding: MethodBinding<I, O>,
    requests: Requests<MessageInitShape<I>>,
    options: CallOptions,
  ): Promise<MessageShape<O>> {
    requireRequests(binding.method, requests);
    const around = CallInInterceptors.begin(binding, options);
    const make = (all: Requests<MessageInitShape<I>>, by: CallOptions): Promise<MessageShape<O>> => {
      const call = new SingleResponseCall(around?.within ?? binding, by);
      call.startWithAll(all);
      return call.#result();
    };
    return around === undefined
      ? make(requests, options)
      : around.response((by) => make(around.seenRequests(requests), by));
  }

  protected override onResponse(response: MessageShape<Output>): void {
    if (this.#response !== undefined) {
      this.cancel({ status: clientStatus(Status.UNIMPLEMENTED, "The server sent more than one response") });
      return;
    }
    this.#response = response;
  }

  protected override verdict(end: CallEnd): CallEnd {
    return isOk(end) && this.#response === undefined
      ? { status: clientStatus(Status.UNIMPLEMENTED, "The server sent no response") }
      : end;
  }

  protected override onEnd(end: CallEnd): void {
    this.#settle?.(end);
  }

  // The error is made behind an `await`, so that its stack shows who waits for the call, at no cost.
  async #result(): Promise<MessageShape<Output>> {
    const end = await this.#settled;
    if (this.#response === undefined || !isOk(end)) {
      throw this.errorOf(end);
    }
    return this.#response;
  }
}

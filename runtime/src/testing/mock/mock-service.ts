import { create, type Message } from "@bufbuild/protobuf";
import type { CallContext } from "../../call/call-context.js";
import { grpcErrorHandler } from "../../call/grpc-error-handler.js";
import { grpcLogger } from "../../call/grpc-logger.js";
import { type CallCarrier, dispatchedCall } from "../../call/method-layer.js";
import { memberName } from "../../contract/member-name.js";
import { type BoundService, bindService } from "../../server/bind-service.js";
import { type Check, refusalOf } from "../../validate/refusal.js";
import type { CallRegister } from "./call-register.js";
import { type MockedMethodContract, methodsOf, type ServiceContract } from "./contract.js";
import type { Fault } from "./fault.js";
import { KEPT_MESSAGES, type OpenCall } from "./mock-call.js";
import type { DecidedAnswer, MockEngine } from "./mock-engine.js";

/** What a service needs of the connections and the server that it is served by. */
export interface MockedWire {
  /** Breaks the connection of a call. */
  cut(carrier: CallCarrier): void;
  /** Lets nothing through on the connection of a call any more. */
  silence(carrier: CallCarrier): void;
  /** Drains the server, and serves anew. */
  drain(): void;
}

/** What all mocked methods share. */
export interface MockParts {
  readonly engine: MockEngine;
  readonly register: CallRegister;
  readonly wire: MockedWire;
}

/** Binds a service that answers by its contract, in the wrappers that generated servicers have. */
export function bindMock(
  contract: ServiceContract,
  methods: readonly MockedMethodContract[],
  parts: MockParts,
): BoundService {
  const bound = methods.map((method) => {
    const handler = handlerOf(method, parts);
    const { auth, maxTimeoutMs, redact, log, raises } = method;
    const wrapped = grpcLogger(log, { ...(redact && { redact }) })(grpcErrorHandler(contract.errors, raises)(handler));
    return [
      memberName(method.desc.localName),
      { handler: wrapped, ...(auth && { auth }), ...(maxTimeoutMs !== undefined && { maxTimeoutMs }) },
    ];
  });
  // What isn't an error of the contract leaves as what it is: a mock is asked for statuses that no contract declares.
  return bindService(contract.service, Object.fromEntries(bound) as never, { passThrough: "all" });
}

/** The methods of several contracts. */
export function mockedMethods(contracts: readonly ServiceContract[]): readonly MockedMethodContract[] {
  return contracts.flatMap(methodsOf);
}

type Handler = (input: never, context: CallContext) => unknown;

function handlerOf(method: MockedMethodContract, parts: MockParts): Handler {
  switch (method.desc.methodKind) {
    case "unary":
      return (request: Message, context) => single(new ServedMockCall(method, parts, context), request);
    case "client_streaming":
      return async (requests: AsyncIterable<Message>, context) => {
        const call = new ServedMockCall(method, parts, context);
        return single(call, await call.readAll(requests));
      };
    case "server_streaming":
      return (request: Message, context) => streamed(new ServedMockCall(method, parts, context), request);
    default:
      return (requests: AsyncIterable<Message>, context) =>
        conversation(new ServedMockCall(method, parts, context), requests);
  }
}

async function single(call: ServedMockCall, request: Message): Promise<Message> {
  return call.run(async () => {
    const { responses, fault } = await call.answerTo(request);
    if (fault?.name === "cut") {
      await call.cut();
    }
    return call.keep(responses[0] ?? create(call.method.desc.output));
  });
}

async function* streamed(call: ServedMockCall, request: Message): AsyncGenerator<Message> {
  yield* call.runStream(async function* () {
    yield* call.sending(await call.answerTo(request));
  });
}

/** Each request is answered with a message, unless somebody says what all of the answer is. */
async function* conversation(call: ServedMockCall, requests: AsyncIterable<Message>): AsyncGenerator<Message> {
  yield* call.runStream(async function* () {
    let count = 0;
    for await (const request of call.reading(requests)) {
      if (count > 0) {
        yield call.another(request, count);
      } else {
        const answer = await call.answerTo(request);
        yield* call.sending(answer);
        if (answer.source !== "default") {
          return;
        }
      }
      count += 1;
    }
  });
}

/** A call that is answered: what is decided for it, and what is done to it. */
class ServedMockCall {
  readonly method: MockedMethodContract;
  readonly #parts: MockParts;
  readonly #context: CallContext;
  readonly #call: OpenCall;

  constructor(method: MockedMethodContract, parts: MockParts, context: CallContext) {
    this.method = method;
    this.#parts = parts;
    this.#context = context;
    this.#call = parts.register.begin(method, context);
  }

  /** Runs what answers with one message, and takes down how it ended. */
  async run(body: () => Promise<Message>): Promise<Message> {
    try {
      const response = await body();
      this.#ended(undefined);
      return response;
    } catch (error) {
      this.#ended(error);
      throw error;
    }
  }

  /** Runs what answers with a stream, and takes down how it ended. */
  async *runStream(body: () => AsyncGenerator<Message>): AsyncGenerator<Message> {
    let thrown: unknown = new DOMException("The caller cancelled the call", "AbortError");
    try {
      for await (const message of body()) {
        yield this.keep(message);
      }
      thrown = undefined;
    } catch (error) {
      thrown = error;
      throw error;
    } finally {
      this.#ended(thrown);
    }
  }

  /** Reads all requests. @returns the first, or an empty one */
  async readAll(requests: AsyncIterable<Message>): Promise<Message> {
    let first: Message | undefined;
    for await (const request of this.reading(requests)) {
      first ??= request;
    }
    return first ?? create(this.method.desc.input);
  }

  async *reading(requests: AsyncIterable<Message>): AsyncGenerator<Message> {
    for await (const request of requests) {
      this.#received(request);
      yield request;
    }
  }

  /** Decides what a request is answered, waits as long as that takes, and does what its fault does before the answer. */
  async answerTo(request: Message): Promise<DecidedAnswer> {
    if (this.#call.requests.length === 0) {
      this.#received(request);
    }
    const answer = this.#parts.engine.decide(this.method, request, this.#context.requestMetadata);
    this.#call.source = answer.fault === undefined || answer.fault.name === "slow" ? answer.source : "fault";
    this.#call.fault = answer.fault?.name ?? this.#call.fault;
    await this.#pause(answer.delayMs);
    await this.#meet(answer.fault);
    if (answer.failure !== undefined) {
      throw answer.failure;
    }
    return answer;
  }

  /** What a further request of a conversation is answered. */
  another(request: Message, index: number): Message {
    return this.#parts.engine.make(this.method, request, index);
  }

  /** Sends a stream's messages, half of them if the connection is cut then. */
  async *sending({ responses, fault }: DecidedAnswer): AsyncGenerator<Message> {
    const isCut = fault?.name === "cut";
    yield* isCut ? responses.slice(0, Math.ceil(responses.length / 2)) : responses;
    if (isCut) {
      await this.cut();
    }
  }

  /** Breaks the connection, behind what was sent, and waits for the call to end by it. */
  async cut(): Promise<never> {
    this.#context.sendHeaders();
    // What was written is on its way by then.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const carrier = this.#carrier;
    if (carrier !== undefined) {
      this.#parts.wire.cut(carrier);
    }
    return this.#untilGone();
  }

  /** Remembers a message of the answer. */
  keep(message: Message): Message {
    if (this.#call.responses.length < KEPT_MESSAGES) {
      this.#call.responses.push(message);
    }
    return message;
  }

  /** @throws {ContractError} if it breaks the rules of its proto */
  #received(request: Message): void {
    const { requests } = this.#call;
    if (requests.length < KEPT_MESSAGES) {
      requests.push(request);
    }
    if (requests.length === 1) {
      this.#parts.register.received(this.method, this.#call, request);
    }
    const { validation } = this.method;
    const refusal = validation && refusalOf(request, validation.check as Check<Message>, validation);
    if (refusal !== undefined) {
      throw refusal;
    }
  }

  #ended(thrown: unknown): void {
    this.#parts.register.ended(this.#call, thrown, this.#context.signal);
  }

  get #carrier(): CallCarrier | undefined {
    return dispatchedCall(this.#context)?.carrier;
  }

  async #meet(fault: Fault | undefined): Promise<void> {
    const carrier = this.#carrier;
    switch (fault?.name) {
      case "past_deadline":
        return this.#untilGone();
      case "reset":
        carrier?.reset();
        return this.#untilGone();
      case "silent":
        if (carrier !== undefined) {
          this.#parts.wire.silence(carrier);
        }
        return this.#untilGone();
      case "goaway":
        carrier?.leave?.();
        return;
      case "drain":
        this.#parts.wire.drain();
        return;
    }
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) {
      await Promise.race([
        new Promise((resolve) => setTimeout(resolve, Math.min(ms, 2 ** 31 - 1)).unref()),
        this.#untilGone(),
      ]);
    }
  }

  /** Rejects when the call is over, whoever has ended it. */
  #untilGone(): Promise<never> {
    const { signal } = this.#context;
    return new Promise((_, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
      }
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }
}

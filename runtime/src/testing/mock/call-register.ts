import type { Message } from "@bufbuild/protobuf";
import type { CallContext } from "../../call/call-context.js";
import { statusName } from "../../contract/status.js";
import { ContractError } from "../../errors/contract-error.js";
import { StatusError } from "../../errors/status-error.js";
import { Status } from "../../wire/status.js";
import type { MockedMethodContract } from "./contract.js";
import { attemptOf, type MockCall, type OpenCall } from "./mock-call.js";

/** How many calls are remembered. */
const REMEMBERED_CALLS = 1_000;

/** The calls that a mock has got, and who is told of them. */
export class CallRegister {
  readonly #calls: OpenCall[] = [];
  readonly #listeners = new Set<(call: MockCall) => void>();
  #count = 0;

  /** The calls so far, the latest thousand. */
  get calls(): readonly MockCall[] {
    return this.#calls;
  }

  /** Forgets the calls so far. */
  forget(): void {
    this.#calls.length = 0;
  }

  /** Tells of each call, when its request is there and when it has ended. @returns a function that ends it */
  onCall(listener: (call: MockCall) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A call has come. */
  begin({ desc, path }: MockedMethodContract, { requestMetadata, peer }: CallContext): OpenCall {
    this.#count += 1;
    const call: OpenCall = {
      id: this.#count,
      at: new Date(),
      method: desc,
      path,
      attempt: attemptOf(requestMetadata),
      peer,
      metadata: requestMetadata,
      requests: [],
      logFields: {},
      responses: [],
      status: undefined,
      code: undefined,
      message: undefined,
      fault: undefined,
      source: "default",
      durationMs: 0,
    };
    this.#calls.push(call);
    if (this.#calls.length > REMEMBERED_CALLS) {
      this.#calls.shift();
    }
    return call;
  }

  /** A call's first request is there. */
  received({ log }: MockedMethodContract, call: OpenCall, request: Message): void {
    call.logFields = log?.(request) ?? {};
    this.#tell(call);
  }

  /** Takes down how a call has ended. @param thrown what it failed with; `undefined`: it ended well */
  ended(call: OpenCall, thrown: unknown, signal: AbortSignal): void {
    call.durationMs = Date.now() - call.at.getTime();
    if (signal.aborted) {
      call.status = (signal.reason as Error | undefined)?.name === "TimeoutError" ? "DEADLINE_EXCEEDED" : "CANCELLED";
    } else if (thrown === undefined) {
      call.status = "OK";
    } else {
      const isKnown = thrown instanceof ContractError || thrown instanceof StatusError;
      call.status = statusName(isKnown ? thrown.status : Status.INTERNAL);
      call.code = thrown instanceof ContractError ? thrown.code : undefined;
      call.message = isKnown ? thrown.message : undefined;
    }
    this.#tell(call);
  }

  #tell(call: MockCall): void {
    for (const listener of this.#listeners) {
      listener(call);
    }
  }
}

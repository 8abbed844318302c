import type { Message } from "@bufbuild/protobuf";
import type { Metadata } from "@grpc/grpc-js";
import type { ErrorMetadata } from "../../errors/contract-error.js";
import type { Status } from "../../wire/status.js";
import type { MockedMethodContract } from "./contract.js";
import type { Fault } from "./fault.js";
import type { RequestMatcher } from "./request-matcher.js";

/** How a call is answered. */
export type Answer =
  /** Messages, whole or as a function of the request. One, for methods that answer with one. */
  | { readonly kind: "responses"; readonly make: (request: Message) => readonly Message[] }
  /** An error that the method declares. Metadata that isn't given is made up. */
  | { readonly kind: "error"; readonly code: string; readonly metadata: ErrorMetadata; readonly message?: string }
  | { readonly kind: "status"; readonly status: Status; readonly message: string }
  | { readonly kind: "fault"; readonly fault: Fault };

/** What is to happen to a call: when, and what. */
export interface Step {
  readonly delayMs?: number;
  /** Left out: what else would be answered, only later. */
  readonly answer?: Answer;
}

/** Whom a rule is for, and what it says. */
export interface Rule {
  /** Left out: all methods. */
  readonly method?: MockedMethodContract;
  readonly request?: RequestMatcher;
  /** Keys and values that the call's metadata must have. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Only the nth of the calls that fit, the first being 1. */
  readonly call?: number;
  /** How many of the calls that fit it is for; then it is as if it weren't there. */
  readonly times?: number;
  /** One for each call that fits, in this order; the last one stays. */
  readonly steps: readonly Step[];
  /** The steps begin anew after the last one. */
  readonly repeats?: boolean;
}

/** A call, as rules look at it. */
export interface AskedCall {
  readonly method: MockedMethodContract;
  readonly request: Message;
  readonly metadata: Metadata;
}

import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { Metadata } from "@grpc/grpc-js";
import type { StatusName } from "../../contract/status.js";
import type { LogFields } from "../../log/log-fields.js";
import type { FaultName } from "./fault.js";

/** What decided how a call was answered. */
export type AnswerSource = "test" | "scenario" | "metadata" | "default" | "replay" | "fault";

/** A call that a mock has got. */
export interface MockCall {
  /** Counts the mock's calls, from 1. */
  readonly id: number;
  readonly at: Date;
  readonly method: DescMethod;
  /** `ledger.v1.LedgerService/Transfer` */
  readonly path: string;
  /** Which attempt of the client's call it is, the first being 1. */
  readonly attempt: number;
  /** Who called: `127.0.0.1:51234`. */
  readonly peer: string;
  readonly metadata: Metadata;
  /** The messages that came, as far as they are kept: the first hundred. */
  readonly requests: readonly Message[];
  /** What the contract has logged of it. */
  readonly logFields: LogFields;
  /** The messages that left, as far as they are kept: the first hundred. */
  readonly responses: readonly Message[];
  /** `undefined` while it runs. A call that was reset has none that it was sent: it is what its caller makes of it, mostly. */
  readonly status: StatusName | undefined;
  /** The business code of a declared error. */
  readonly code: string | undefined;
  /** What the caller reads of an error. */
  readonly message: string | undefined;
  readonly fault: FaultName | undefined;
  readonly source: AnswerSource;
  readonly durationMs: number;
}

/** The same while it is written. */
export type OpenCall = {
  -readonly [Key in keyof MockCall]: Key extends "requests" | "responses" ? Message[] : MockCall[Key];
};

/** So many messages of a stream are kept. */
export const KEPT_MESSAGES = 100;

/** Which attempt a call is, as its client says (gRFC A6). */
export function attemptOf(metadata: Metadata): number {
  const previous = Number(metadata.get("grpc-previous-rpc-attempts")[0] ?? 0);
  return Number.isInteger(previous) && previous >= 0 && previous < 100 ? previous + 1 : 1;
}

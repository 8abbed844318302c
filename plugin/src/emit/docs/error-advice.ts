import type { StatusName } from "@accord-grpc/runtime/contract";

/** What a caller can do about each status, unless its error says something better. */
export const ADVICE: Readonly<Record<StatusName, string>> = {
  OK: "",
  CANCELLED: "Nothing: the caller gave up.",
  UNKNOWN: "Tell the service's team: the status says no more.",
  INVALID_ARGUMENT: "Correct the request. Sent unchanged, it fails again.",
  DEADLINE_EXCEEDED: "Whether the call took effect isn't known. Ask, or send it again if it may run twice.",
  NOT_FOUND: "Check what the request names: it may be gone, or not be there yet.",
  ALREADY_EXISTS: "It is there already: read it, or choose another name.",
  PERMISSION_DENIED: "Ask for the right to do this. The same credentials are refused again.",
  RESOURCE_EXHAUSTED: "Send less, or later, with a wait that grows.",
  FAILED_PRECONDITION: "Change what stands in the way first. Sent unchanged, the call fails again.",
  ABORTED: "A concurrent change won. Read again and start over.",
  OUT_OF_RANGE: "Stay within what there is now; it may change.",
  UNIMPLEMENTED: "This server doesn't offer the method. Is it older than the contract?",
  INTERNAL: "Tell the service's team, with the error id that is in the message.",
  UNAVAILABLE: "Try again later, with a wait that grows, if the call may run twice.",
  DATA_LOSS: "Tell the service's team at once.",
  UNAUTHENTICATED: "Get new credentials, then send the call again.",
};

/** How a call can end that no method declares. */
export interface Outcome {
  readonly status: StatusName;
  readonly when: string;
}

/** What any method can end with, besides what it declares. */
export const OUTCOMES: readonly Outcome[] = [
  { status: "UNAVAILABLE", when: "No backend can be reached, or one had to stop before it could answer." },
  { status: "DEADLINE_EXCEEDED", when: "The time ran out." },
  { status: "CANCELLED", when: "The caller cancelled the call." },
  { status: "RESOURCE_EXHAUSTED", when: "A message is larger than the limit." },
  {
    status: "INTERNAL",
    when: "Something failed that the contract doesn't declare. The log has it, under the error id.",
  },
  { status: "UNIMPLEMENTED", when: "The server doesn't know the method." },
];

/** What else a method can end with that asks who calls. */
export const AUTH_OUTCOMES: readonly Outcome[] = [
  { status: "UNAUTHENTICATED", when: "The call carries no valid credentials." },
  { status: "PERMISSION_DENIED", when: "The caller is known, and lacks a scope." },
];

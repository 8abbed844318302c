import type { Channel } from "@grpc/grpc-js";
import { MOVED } from "./followed-calls.js";
import { hasAllFor, tellMissing } from "./known-grpc-js.js";
import { type AttemptStatus, insideChannel, PRIVATE_NAMES, type RetryingCallInside } from "./private-names.js";

/** How often a call is sent again because its connection was closing, before the contract's retries are asked. */
export const MOST_RESENDS = 5;

/**
 * Has a channel send calls again that a closing connection didn't take, up to {@link MOST_RESENDS} times.
 *
 * A call that is made while a server's GOAWAY is on its way is refused: by this side, which doesn't send it any more, or by
 * the server, which says that it didn't look at it. No handler has seen it, so any method may be sent again, and gRPC does so
 * (gRFC A6: without limit if it wasn't sent, else once). grpc-js doesn't tell the two apart, and does it once: when several
 * servers stop together, a call may meet two of them. A server that refuses a stream and keeps its connection has had enough
 * calls, and is still asked once only.
 *
 * Calls that are moved off a silent connection are attempted again by the same way. That is an attempt more, and says so.
 */
export function resendRefusedCalls(channel: Channel): void {
  const { internalChannel } = insideChannel(channel);
  if (internalChannel?.createRetryingCall === undefined) {
    tellMissing([internalChannel === undefined ? PRIVATE_NAMES.internalChannel : PRIVATE_NAMES.createRetryingCall]);
    return;
  }
  if (!hasAllFor("resending")) {
    return;
  }
  const createRetryingCall = internalChannel.createRetryingCall.bind(internalChannel);
  internalChannel.createRetryingCall = (...args) => {
    const call = createRetryingCall(...args);
    resendRefused(call);
    return call;
  };
}

interface MovableStatus extends AttemptStatus {
  readonly [MOVED]?: true;
}

// One function for all calls: it is on the way of each of them.
function resendRefused(call: RetryingCallInside): void {
  if (call.handleChildStatus !== undefined) {
    call.handleChildStatus = handleChildStatus;
  }
}

/** How often calls have been sent again, of those that were. */
const resends = new WeakMap<RetryingCallInside, number>();

function handleChildStatus(this: RetryingCallInside, status: MovableStatus, index: number): void {
  const { handleChildStatus: handle } = Object.getPrototypeOf(this) as RetryingCallInside;
  if (status[MOVED] === true && this.attempts !== undefined) {
    this.attempts += 1;
    handle?.call(this, { ...status, progress: "NOT_STARTED" }, index);
    return;
  }
  if (status.progress === "REFUSED" && wasClosing(this, index)) {
    const before = resends.get(this) ?? 0;
    if (before < MOST_RESENDS) {
      resends.set(this, before + 1);
      handle?.call(this, { ...status, progress: "NOT_STARTED" }, index);
      return;
    }
  }
  handle?.call(this, status, index);
}

function wasClosing(call: RetryingCallInside, index: number): boolean {
  return call.underlyingCalls?.[index]?.call?.child?.transport?.session?.closed === true;
}

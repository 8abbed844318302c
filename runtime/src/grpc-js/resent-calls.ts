import type { Channel } from "@grpc/grpc-js";
import { MOVED } from "./followed-calls.js";

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
  // It isn't part of grpc-js's interface: a version without it goes on as it does by itself.
  const { internalChannel } = channel as unknown as ChannelInside;
  if (internalChannel?.createRetryingCall === undefined) {
    return;
  }
  const createRetryingCall = internalChannel.createRetryingCall.bind(internalChannel);
  internalChannel.createRetryingCall = (...args) => {
    const call = createRetryingCall(...args);
    resendRefused(call);
    return call;
  };
}

/** What grpc-js's channel keeps: what makes its calls. */
interface ChannelInside {
  readonly internalChannel?: { createRetryingCall?: (...args: unknown[]) => RetryingCall };
}

/** What grpc-js's calls with retries keep: their attempts, and what each came to. */
interface RetryingCall {
  readonly underlyingCalls?: readonly { readonly call: Attempt }[];
  /** How many were made. */
  attempts?: number;
  handleChildStatus?: (status: AttemptStatus, index: number) => void;
}

interface AttemptStatus {
  /** How far the attempt got. `REFUSED`: no handler has seen it. `NOT_STARTED`: neither has anybody else. */
  readonly progress: string;
  readonly [MOVED]?: true;
}

interface Attempt {
  readonly child?: { readonly transport?: { readonly session?: { readonly closed: boolean } } } | null;
}

// One function for all calls: it is on the way of each of them.
function resendRefused(call: RetryingCall): void {
  if (call.handleChildStatus !== undefined) {
    call.handleChildStatus = handleChildStatus;
  }
}

/** How often calls have been sent again, of those that were. */
const resends = new WeakMap<RetryingCall, number>();

function handleChildStatus(this: RetryingCall, status: AttemptStatus, index: number): void {
  const { handleChildStatus: handle } = Object.getPrototypeOf(this) as RetryingCall;
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

function wasClosing(call: RetryingCall, index: number): boolean {
  return call.underlyingCalls?.[index]?.call.child?.transport?.session?.closed === true;
}

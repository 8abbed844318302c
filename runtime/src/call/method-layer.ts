import type { ConnectionAddresses } from "../wire/connection-addresses.js";
import type { CallContext } from "./call-context.js";
import type { ErrorPolicy } from "./call-failure.js";
import type { LogContext } from "./call-log.js";
import { currentCall } from "./current-call.js";

/** A servicer's method, whatever its kind. */
export type AnyMethod = (input: never, context: CallContext) => unknown;

/** What a wrapper adds to a method, so that whoever dispatches calls can do it without going through the wrapper. */
export interface MethodLayer {
  readonly log?: LogContext;
  readonly errors?: ErrorPolicy;
  /** The method that is wrapped. */
  readonly inner: AnyMethod;
}

/** What carries a call, for whoever breaks calls as a network does: a mock. */
export interface CallCarrier {
  readonly addresses: ConnectionAddresses;
  /** Ends the call without a status. */
  reset(): void;
  /** Has the peer make its next calls on another connection. Only where connections carry several calls. */
  leave?(): void;
}

/** A call that the runtime dispatches, as wrappers see it that stand deeper than the dispatcher looked. */
export interface DispatchedCall {
  readonly carrier: CallCarrier;
  /** Takes the policy of an error handler, unless the call has one. */
  adoptErrors(policy: ErrorPolicy): void;
  /** Adds a log context to the call's lines. */
  adoptLog(log: LogContext): void;
}

const LAYER = Symbol.for("accord.methodLayer.v1");
/** The property of a call context that leads to its {@link DispatchedCall}. */
export const DISPATCHED = Symbol.for("accord.dispatchedCall.v1");

type Layered = { readonly [LAYER]?: MethodLayer };
type Dispatched = { readonly [DISPATCHED]?: DispatchedCall };

/** Gives `wrapper` the type of the method that it wraps, and the mark that {@link layerOf} reads. */
export function layered<Method>(
  wrapper: (this: unknown, input: never, context: CallContext) => unknown,
  layer: MethodLayer,
): Method {
  Object.defineProperty(wrapper, "name", { value: layer.inner.name, configurable: true });
  Object.defineProperty(wrapper, LAYER, { value: layer });
  return wrapper as Method;
}

/** What was added to a method by the wrapper that made it; `undefined` if none did. */
export function layerOf(method: AnyMethod): MethodLayer | undefined {
  return (method as Layered)[LAYER];
}

/** The context that a method was given; else that of the call that is being served, for methods that don't take theirs. */
export function contextOf(given: CallContext | undefined): CallContext | undefined {
  return given ?? currentCall();
}

/** The dispatched call behind a context; `undefined` for contexts made by hand. */
export function dispatchedCall(context: CallContext | undefined): DispatchedCall | undefined {
  return (context as Dispatched | undefined)?.[DISPATCHED];
}

/** Whether a value is an async iterable. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** Whether a value is a promise, of whatever make. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

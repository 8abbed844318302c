import { AsyncLocalStorage } from "node:async_hooks";
import { type Context, context as telemetry } from "@opentelemetry/api";
import { processWide } from "../wire/process-wide.js";
import type { CallContext } from "./call-context.js";

/** A context that knows what is to be active for OpenTelemetry in its call. */
interface TracedContext {
  readonly telemetryContext: Context | undefined;
}

const storage = processWide("currentCall.v1", () => new AsyncLocalStorage<CallContext>());

/** The incoming call that the running code serves; `undefined` outside a handler. */
export function currentCall(): CallContext | undefined {
  return storage.getStore();
}

/**
 * Runs `body` as part of a call: {@link currentCall} finds it there, and in everything that `body` starts. If the call has a
 * span, that is active there.
 */
export function runWithCall<Args extends unknown[], R>(
  context: CallContext,
  body: (...args: Args) => R,
  ...args: Args
): R {
  const { telemetryContext } = context as Partial<TracedContext>;
  return telemetryContext === undefined
    ? storage.run(context, body, ...args)
    : telemetry.with(telemetryContext, () => storage.run(context, body, ...args));
}

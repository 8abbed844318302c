import type { CallContext } from "./call-context.js";

/** What may be aborted: a signal, or the call in whose handler something is done. */
export type AbortSource = AbortSignal | CallContext;

/** What ends when something else is aborted. */
export interface Abortable {
  /** Called once, when `source` is aborted. It must not throw. */
  aborted(source: AbortSource): void;
}

import type { Abortable, AbortSource } from "./abortable.js";
import { ServerCallContext } from "./server-call-context.js";

const links = new WeakMap<AbortSignal, AbortLink>();

/** Why `source` was aborted: `undefined` if it wasn't, else with the reason that it was given, whatever that is. */
export function abortOf(source: AbortSource): { readonly reason: unknown } | undefined {
  if (source instanceof ServerCallContext) {
    return source.abortReason && { reason: source.abortReason };
  }
  const signal = signalOf(source);
  return signal.aborted ? { reason: signal.reason } : undefined;
}

/**
 * Ends `target` when `source` is aborted, until {@link unlinkAbort}.
 *
 * However many targets a signal has, it carries one listener, and none once the last target is gone: a handler may make
 * a hundred calls at once without Node's warning about a leak. Of a call that is served no signal is made: that costs more
 * than all the rest that ties two calls together.
 */
export function linkAbort(source: AbortSource, target: Abortable): void {
  if (source instanceof ServerCallContext) {
    source.link(target);
    return;
  }
  const signal = signalOf(source);
  let link = links.get(signal);
  if (link === undefined) {
    link = new AbortLink(signal);
    links.set(signal, link);
  }
  link.add(target);
}

/** Takes back {@link linkAbort}. Does nothing if the two aren't linked. */
export function unlinkAbort(source: AbortSource, target: Abortable): void {
  if (source instanceof ServerCallContext) {
    source.unlink(target);
  } else {
    links.get(signalOf(source))?.delete(target);
  }
}

// Not by its class: signals may come from elsewhere.
function signalOf(source: AbortSource): AbortSignal {
  return "aborted" in source ? source : source.signal;
}

class AbortLink {
  readonly #signal: AbortSignal;
  readonly #targets = new Set<Abortable>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(target: Abortable): void {
    if (this.#targets.size === 0) {
      this.#signal.addEventListener("abort", this);
    }
    this.#targets.add(target);
  }

  delete(target: Abortable): void {
    if (this.#targets.delete(target) && this.#targets.size === 0) {
      this.#signal.removeEventListener("abort", this);
    }
  }

  handleEvent(): void {
    const targets = [...this.#targets];
    this.#targets.clear();
    this.#signal.removeEventListener("abort", this);
    for (const target of targets) {
      target.aborted(this.#signal);
    }
  }
}

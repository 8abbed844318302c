/** What ends when a signal is aborted. */
export interface Abortable {
  /** Called once, when the signal is aborted. It must not throw. */
  aborted(signal: AbortSignal): void;
}

const links = new WeakMap<AbortSignal, AbortLink>();

/**
 * Ends `target` when `signal` is aborted, until {@link unlinkAbort}.
 *
 * However many targets a signal has, it carries one listener, and none once the last target is gone: a handler may make
 * a hundred calls at once without Node's warning about a leak.
 */
export function linkAbort(signal: AbortSignal, target: Abortable): void {
  let link = links.get(signal);
  if (link === undefined) {
    link = new AbortLink(signal);
    links.set(signal, link);
  }
  link.add(target);
}

/** Takes back {@link linkAbort}. Does nothing if the two aren't linked. */
export function unlinkAbort(signal: AbortSignal, target: Abortable): void {
  links.get(signal)?.delete(target);
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

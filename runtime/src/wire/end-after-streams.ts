import type { Http2Session, Http2Stream } from "node:http2";
import type { Duplex } from "node:stream";

// For a GOAWAY to leave. A peer that doesn't read gets none.
const LAST_WORDS_MS = 100;

// What a stream is destroyed with, Node does a turn of the event loop later. One more, as it costs nothing.
const TURNS = 2;

// When somebody looks whether bytes have left: soon, as they mostly have; then less and less often, as the peer reads slowly.
const FIRST_LOOK_MS = 1;
const LAST_LOOKS_MS = 50;

/** What is written to, and tells how much was. */
export type WrittenSocket = Duplex & { readonly bytesWritten?: number };

/**
 * Spares the process what a peer leaves behind that sends a part of a header block, and no more: HEADERS without END_HEADERS, or
 * with a field that ends the stream. The stream holds fields of its session's memory then, and if the session is collected
 * before it, Node ends the process: `Assertion failed: (current_nghttp2_memory_) == (0)`. Seen on 20.20, 22.23, 24.21 and 26.12
 * (docs/decisions/0035-end-sockets-first.md). A stream that is destroyed while bytes of its are being written is left to the
 * garbage collector. So
 *
 * - a session with calls ends after its socket: when the socket has closed, nothing is being written. At its exit, 26 always takes
 *   the session first;
 * - a stream that ends before its session does is freed when its bytes have left, if it is one of {@link freeAfterBytes}. Until then, Node
 *   counts it among those that its peer may have open;
 * - the session's native half is kept until its streams are gone, which is a turn of the event loop after they are destroyed.
 *
 * @param isBusy whether the session has calls
 * @param nativeHalf what is kept. It is asked when the session has closed
 */
export function endAfterStreams(
  session: Http2Session,
  socket: WrittenSocket,
  isBusy: () => boolean,
  nativeHalf: () => unknown,
): void {
  const unwritten = new UnwrittenStreams(session, socket);
  unwrittenOf.set(session, unwritten);
  endSocketFirst(session, socket, unwritten, isBusy);
  session.once("close", () => keep(nativeHalf(), TURNS));
}

/** Has a stream of such a session be freed after its bytes. For whoever listens to it, it closes when it always did. */
export function freeAfterBytes(stream: Http2Stream): void {
  stream._destroy = destroyAfterBytes;
}

/** Takes that back for a stream whose peer has sent all: it can begin no header block any more. */
export function freeAtOnce(stream: Http2Stream): void {
  stream._destroy = (Object.getPrototypeOf(stream) as Http2Stream)._destroy;
}

function destroyAfterBytes(this: Http2Stream, error: Error | null, callback: (error?: Error | null) => void): void {
  const { _destroy } = Object.getPrototypeOf(this) as Http2Stream;
  const unwritten = this.session && unwrittenOf.get(this.session);
  if (unwritten?.isOpen && this.closed && this.writableLength > 0) {
    unwritten.hold(() => _destroy.call(this, error, () => {}));
    callback(error);
  } else {
    _destroy.call(this, error, callback);
  }
}

const unwrittenOf = new WeakMap<Http2Session, UnwrittenStreams>();

interface UnwrittenStream {
  readonly free: () => void;
  /** On all of the socket, when somebody looked first. */
  bytesWritten: number | undefined;
}

/** The streams of a session that have ended, and of which bytes may be on their way to the socket. */
class UnwrittenStreams {
  readonly #session: Http2Session;
  readonly #socket: WrittenSocket;
  readonly #held: UnwrittenStream[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;
  isOpen = true;

  constructor(session: Http2Session, socket: WrittenSocket) {
    this.#session = session;
    this.#socket = socket;
  }

  get size(): number {
    return this.#held.length;
  }

  hold(free: () => void): void {
    this.#held.push({ free, bytesWritten: undefined });
    if (this.#timer === undefined) {
      this.#lookIn(FIRST_LOOK_MS);
    }
  }

  /** The socket has closed: nothing is written any more. */
  end(): void {
    this.isOpen = false;
    clearTimeout(this.#timer);
    this.#free(() => true);
  }

  #lookIn(milliseconds: number): void {
    this.#timer = setTimeout(() => this.#look(milliseconds), milliseconds).unref();
  }

  /** One piece is written after the other: if the next one is, those before it have left. */
  #look(afterMs: number): void {
    this.#timer = undefined;
    const { bytesWritten = 0 } = this.#socket;
    this.#free((held) => held.bytesWritten !== undefined && held.bytesWritten < bytesWritten);
    if (this.#held.length === 0) {
      return;
    }
    for (const held of this.#held) {
      // Not before: a stream may end while its last piece is put together.
      held.bytesWritten ??= bytesWritten;
    }
    this.#ask();
    this.#lookIn(Math.min(afterMs * 2, LAST_LOOKS_MS));
  }

  /**
   * Where nothing else is written, the next piece is this. SETTINGS are no PING, of which peers permit few. Node ends a session that
   * has too many of them unanswered.
   */
  #ask(): void {
    if (!this.#isAsking && !this.#session.destroyed) {
      this.#isAsking = true;
      this.#session.settings({}, () => {
        this.#isAsking = false;
      });
    }
  }

  #free(isDue: (held: UnwrittenStream) => boolean): void {
    // In the order in which they ended.
    while (this.#held[0] !== undefined && isDue(this.#held[0])) {
      this.#held.shift()?.free();
    }
  }
}

function keep(kept: unknown, turns: number): void {
  if (turns > 0) {
    setImmediate(keep, kept, turns - 1);
  }
}

function endSocketFirst(
  session: Http2Session,
  socket: Duplex,
  unwritten: UnwrittenStreams,
  isBusy: () => boolean,
): void {
  const destroy = session.destroy.bind(session);
  let end: (() => void) | undefined;
  // Before Node's own, which ends the session without the error.
  socket.prependOnceListener("close", () => {
    unwritten.end();
    end?.();
  });
  session.destroy = (error, code) => {
    if (!unwritten.isOpen || !(isBusy() || unwritten.size > 0)) {
      destroy(error, code);
    } else if (end === undefined) {
      end = () => destroy(error, code);
      setTimeout(() => socket.destroy(), LAST_WORDS_MS).unref();
    }
  };
}

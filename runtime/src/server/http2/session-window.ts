import type { ServerHttp2Session } from "node:http2";
import type { WindowSession } from "../../wire/receive-window.js";

// As much as 64 messages of 64 KiB. HTTP/2's own window is 64 KiB for all streams of a connection together: with it, a peer
// that sends large messages waits for this process after each of them, and this process for the peer. It costs no memory: Node
// gives it back as bytes come, and what a stream may send ahead of its reader is limited by the stream's own window.
const CONNECTION_WINDOW_BYTES = 4 * 1024 * 1024;

// A narrower window holds from its acknowledgement on. What a peer that keeps it back may send until then.
const OWED_BYTES = 64 * 1024 * 1024;
const OWED_LOOK_MS = 1_000;

/** How the window of a served connection's streams is measured and set. */
export class SessionWindow implements WindowSession {
  readonly #session: ServerHttp2Session;
  readonly #payload: Buffer;
  readonly #bytesRead: () => number;
  #bytes: number;
  #owed: NodeJS.Timeout | undefined;

  /**
   * @param firstBytes what the peer was told when the connection began
   * @param payload what its PINGs carry
   * @param bytesRead what has come on the connection so far
   */
  constructor(session: ServerHttp2Session, firstBytes: number, payload: Buffer, bytesRead: () => number) {
    this.#session = session;
    this.#bytes = firstBytes;
    this.#payload = payload;
    this.#bytesRead = bytesRead;
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    session.once("close", () => clearInterval(this.#owed));
  }

  ask(answered: () => void): boolean {
    const session = this.#session;
    if (session.destroyed) {
      return false;
    }
    if (!session.closed) {
      return session.ping(this.#payload, answered);
    }
    // A closing session sends no PING. SETTINGS have to be answered as well.
    session.settings({}, answered);
    return true;
  }

  setWindow(bytes: number): boolean {
    const session = this.#session;
    if (session.destroyed) {
      return true;
    }
    // Node ends a session whose peer owes it too many acknowledgements.
    if (session.pendingSettingsAck) {
      return false;
    }
    session.setLocalWindowSize(Math.max(CONNECTION_WINDOW_BYTES, 2 * bytes));
    const isNarrower = bytes < this.#bytes;
    this.#bytes = bytes;
    session.settings({ initialWindowSize: bytes }, () => {
      clearInterval(this.#owed);
      this.#owed = undefined;
    });
    if (isNarrower) {
      this.#await();
    }
    return true;
  }

  #await(): void {
    const from = this.#bytesRead();
    clearInterval(this.#owed);
    this.#owed = setInterval(() => {
      if (this.#bytesRead() - from > OWED_BYTES) {
        this.#session.destroy();
      }
    }, OWED_LOOK_MS).unref();
  }
}

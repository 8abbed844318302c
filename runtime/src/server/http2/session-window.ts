import type { ServerHttp2Session } from "node:http2";
import type { WindowSession } from "../../wire/receive-window.js";
import { CONNECTION_WINDOW_BYTES, setStreamWindow } from "../../wire/stream-window.js";

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
    session.once("close", () => this.#settled());
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
    const isSaid = setStreamWindow(this.#session, bytes, () => this.#settled());
    if (isSaid) {
      if (bytes < this.#bytes && !this.#session.destroyed) {
        this.#await();
      }
      this.#bytes = bytes;
    }
    return isSaid;
  }

  #settled(): void {
    clearInterval(this.#owed);
    this.#owed = undefined;
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

import { EventEmitter } from "node:events";
import type { ClientHttp2Session } from "node:http2";

type Answered = (error: Error | null) => void;

/** A session that sends nothing: a test says what comes. */
export class FakeSession extends EventEmitter {
  destroyed = false;
  closed = false;
  pendingSettingsAck = false;
  socket = { bytesRead: 0, bytesWritten: 0 };
  /** Whether it answers at once what it is asked. */
  isAnswering = false;
  pings = 0;
  /** The settings that were sent, beyond those with which a connection is measured when it begins. */
  readonly sentSettings: object[] = [];
  readonly connectionWindows: number[] = [];
  readonly #questions: Answered[] = [];
  #isMeasured = false;

  get asSession(): ClientHttp2Session {
    return this as unknown as ClientHttp2Session;
  }

  ping(answered: Answered): boolean {
    this.pings += 1;
    return this.#asked(answered);
  }

  settings(settings: object, answered: Answered = () => {}): void {
    if (this.#isMeasured) {
      this.sentSettings.push(settings);
    }
    this.#isMeasured = true;
    this.#asked(answered);
  }

  setLocalWindowSize(bytes: number): void {
    this.connectionWindows.push(bytes);
  }

  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }

  /** Bytes come. */
  hears(bytes = 100): void {
    this.socket.bytesRead += bytes;
  }

  /** All that it was asked is answered. */
  answers(): void {
    this.hears();
    for (const answered of this.#questions.splice(0)) {
      answered(null);
    }
  }

  #asked(answered: Answered): boolean {
    this.#questions.push(answered);
    if (this.isAnswering) {
      this.answers();
    }
    return true;
  }
}

import type { Duplex } from "node:stream";
import { type Alarm, deadlines, type Expiring } from "../transport/deadline-wheel.js";

/** What a client begins with that knows the server to speak HTTP/2: RFC 9113, 3.4. */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** How long a peer may take to show what it speaks, in milliseconds. */
export interface ProtocolPatience {
  /** How long it may say nothing at all. `Infinity`: as long as it likes. */
  readonly silentMs: number;
  /** How long it may take to say enough once it has begun. */
  readonly begunMs: number;
}

/**
 * Tells by a connection's first bytes whether its peer speaks HTTP/2. What was read is put back. A connection that ends before, or
 * takes too long, is destroyed.
 */
export function tellProtocol(
  socket: Duplex,
  patience: ProtocolPatience,
  told: (socket: Duplex, isHttp2: boolean) => void,
): void {
  new ProtocolTeller(socket, patience, told);
}

class ProtocolTeller implements Expiring {
  readonly #socket: Duplex;
  readonly #begunMs: number;
  readonly #told: (socket: Duplex, isHttp2: boolean) => void;
  #alarm: Alarm | undefined;
  #begun = Buffer.alloc(0);

  constructor(
    socket: Duplex,
    { silentMs, begunMs }: ProtocolPatience,
    told: (socket: Duplex, isHttp2: boolean) => void,
  ) {
    this.#socket = socket;
    this.#begunMs = begunMs;
    this.#told = told;
    if (silentMs !== Number.POSITIVE_INFINITY) {
      this.#alarm = deadlines.set(this, silentMs);
    }
    socket.on("readable", this.#read).on("end", this.#ended).on("close", this.#done);
  }

  expired(): void {
    this.#alarm = undefined;
    this.#socket.destroy();
  }

  readonly #read = (): void => {
    const bytes: Buffer | null = this.#socket.read();
    if (bytes === null) {
      return;
    }
    if (this.#begun.byteLength === 0) {
      this.#silence();
      this.#alarm = deadlines.set(this, this.#begunMs);
    }
    this.#begun = Buffer.concat([this.#begun, bytes]);
    const seen = Math.min(this.#begun.byteLength, PREFACE.byteLength);
    const fits = this.#begun.compare(PREFACE, 0, seen, 0, seen) === 0;
    if (!fits || seen === PREFACE.byteLength) {
      this.#done();
      this.#socket.unshift(this.#begun);
      this.#told(this.#socket, fits);
    }
  };

  readonly #ended = (): void => {
    this.#socket.destroy();
  };

  readonly #done = (): void => {
    this.#silence();
    this.#socket.off("readable", this.#read).off("end", this.#ended).off("close", this.#done);
  };

  #silence(): void {
    if (this.#alarm !== undefined) {
      deadlines.clear(this.#alarm);
      this.#alarm = undefined;
    }
  }
}

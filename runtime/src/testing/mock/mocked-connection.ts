import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { ConnectionAddresses } from "../../wire/connection-addresses.js";

/** A connection between the wire and a server, which can be broken as wires break. */
export class MockedConnection extends Duplex implements ConnectionAddresses {
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly #socket: Socket;
  #isSilent = false;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    this.localAddress = socket.localAddress;
    this.localPort = socket.localPort;
    this.remoteAddress = socket.remoteAddress;
    this.remotePort = socket.remotePort;
    socket.on("data", (bytes: Buffer) => {
      if (!this.#isSilent && !this.push(bytes)) {
        socket.pause();
      }
    });
    socket.on("end", () => this.push(null));
    socket.on("error", () => {});
    socket.on("close", () => this.destroy());
  }

  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  get bytesWritten(): number {
    return this.#socket.bytesWritten;
  }

  /** Nothing comes and nothing leaves any more, and nobody is told. */
  silence(): void {
    this.#isSilent = true;
  }

  /** Ends the connection without a word. */
  cut(): void {
    this.#socket.destroy();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(bytes: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#isSilent || this.#socket.destroyed) {
      done();
    } else {
      this.#socket.write(bytes, done);
    }
  }

  override _final(done: () => void): void {
    if (!this.#isSilent) {
      this.#socket.end();
    }
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // A server that gives a silent connection up is not to be heard of either.
    if (!this.#isSilent) {
      this.#socket.destroy();
    }
    done(error);
  }
}

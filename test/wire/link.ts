import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** What a wire is like, each way. */
export interface Wire {
  /** Half of the round trip, in milliseconds. */
  readonly delayMs?: number;
  /** Default: as much as there is. */
  readonly bytesPerSecond?: number;
}

// A wire with little bandwidth has a queue, as a modem does; one without a limit holds what is on its way.
const QUEUE_BYTES = 256 * 1024;
const FLYING_BYTES = 32 * 1024 * 1024;
// What a limited wire carries at a time.
const SLICE_MS = 10;

/** A wire between a client and a server, in user space: a proxy for TCP that takes its time. */
export class Link {
  readonly #server: Server;
  readonly #wire: Wire;
  readonly #pipes = new Set<Pipe>();
  #isCut = false;

  private constructor(server: Server, wire: Wire) {
    this.#server = server;
    this.#wire = wire;
  }

  static async to(port: number, wire: Wire = {}): Promise<Link> {
    const server = createServer({ pauseOnConnect: true });
    const link = new Link(server, wire);
    server.on("connection", (socket: Socket) => link.#connected(socket, port));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return link;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Carries nothing more, and says so to nobody. What was sent waits, as TCP would send it again. */
  cut(): void {
    this.#isCut = true;
    for (const pipe of this.#pipes) {
      pipe.hold(true);
    }
  }

  mend(): void {
    this.#isCut = false;
    for (const pipe of this.#pipes) {
      pipe.hold(false);
    }
  }

  close(): void {
    this.#server.close();
    for (const pipe of this.#pipes) {
      pipe.close();
    }
  }

  #connected(near: Socket, port: number): void {
    const far = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.setNoDelay();
      const pipe = new Pipe(from, to, this.#wire, () => this.#pipes.delete(pipe));
      pipe.hold(this.#isCut);
      this.#pipes.add(pipe);
    }
    near.resume();
  }
}

/** One direction of a connection. */
class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #wire: Wire;
  readonly #queue: { readonly at: number; chunk: Buffer }[] = [];
  #queuedBytes = 0;
  #isHeld = false;
  #hasEnded = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, wire: Wire, closed: () => void) {
    this.#from = from;
    this.#to = to;
    this.#wire = wire;
    from.on("data", (chunk: Buffer) => this.#take(chunk));
    from.on("end", () => {
      this.#hasEnded = true;
      this.#run();
    });
    from.on("error", () => to.destroy());
    from.on("close", () => {
      closed();
      if (!this.#hasEnded) {
        to.destroy();
      }
    });
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#run();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#from.destroy();
  }

  #take(chunk: Buffer): void {
    this.#queue.push({ at: performance.now() + (this.#wire.delayMs ?? 0), chunk });
    this.#queuedBytes += chunk.byteLength;
    if (this.#queuedBytes > (this.#wire.bytesPerSecond === undefined ? FLYING_BYTES : QUEUE_BYTES)) {
      this.#from.pause();
    }
    this.#run();
  }

  /** Delivers what is due, and comes back for the rest. */
  #run(): void {
    if (this.#timer !== undefined || this.#isHeld || this.#to.destroyed) {
      return;
    }
    const now = performance.now();
    const { bytesPerSecond } = this.#wire;
    let room = bytesPerSecond === undefined ? Number.POSITIVE_INFINITY : (bytesPerSecond * SLICE_MS) / 1000;
    for (let head = this.#queue[0]; head !== undefined && head.at <= now && room > 0; head = this.#queue[0]) {
      const part = head.chunk.subarray(0, room);
      this.#to.write(part);
      this.#queuedBytes -= part.byteLength;
      room -= part.byteLength;
      head.chunk = head.chunk.subarray(part.byteLength);
      if (head.chunk.byteLength === 0) {
        this.#queue.shift();
      }
    }
    this.#from.resume();
    const next = this.#queue[0];
    if (next !== undefined) {
      this.#timer = setTimeout(
        () => {
          this.#timer = undefined;
          this.#run();
        },
        Math.max(bytesPerSecond === undefined ? 0 : SLICE_MS, next.at - now),
      );
    } else if (this.#hasEnded) {
      this.#to.end();
    }
  }
}

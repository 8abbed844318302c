import type { WindowPool } from "./window-pool.js";

/** What a window is measured and set by. */
export interface WindowSession {
  /** Asks the peer something that it answers at once. Returns false if nothing can be asked now. */
  ask(answered: () => void): boolean;
  /**
   * Lets each stream send so much ahead of its reader, from now on; open ones as well. Returns false if it can't be said now:
   * it is tried again.
   */
  setWindow(bytes: number): boolean;
}

/** How a window begins, and what bounds it. */
export interface ReceiveWindowInit {
  /** What each stream has at first, and has again when more isn't needed. The peer knows it already. */
  readonly firstBytes: number;
  readonly pool: WindowPool;
  /** In milliseconds. Default: `performance.now`. */
  readonly clock?: () => number;
}

/** The widest window that is found: what 160 MB/s take at a round trip of 50 ms. */
export const WIDEST_WINDOW_BYTES = 8 * 1024 * 1024;

// A sample is worth a question when so much has been read since the last one.
const LEAST_SAMPLE_BYTES = 16 * 1024;
const MOST_SAMPLE_BYTES = 512 * 1024;

// Node gives credit back when half a window has been read, and what comes within a round trip is less than the window. grpc-go
// takes two thirds of it for a full one, and stalls here at 256 KiB: a connection gets room for four times what it carries.
const HEADROOM = 4;
const WORTHWHILE = 1.3;
const STEEPEST = 4;

// After so many samples that show no need, it rests: as long as this, and longer each time.
const FUTILE_SAMPLES = 3;
const SHORTEST_REST_MS = 100;
const LONGEST_REST_MS = 1_600;

// So long after the last sample that was worth a question, the window is what it was at first.
const UNNEEDED_MS = 5_000;
const LOOK_MS = 1_000;

/**
 * The window of a connection's streams: what its peer may send ahead of those that read.
 *
 * It follows the bandwidth-delay product, as grpc-go's and C-core's do: what is read within a round trip shows how much the wire
 * holds. Only what has been read counts, so a slow reader's window stays small; and it is no wider than the pool allows for as
 * many streams as there are.
 */
export class ReceiveWindow {
  readonly #session: WindowSession;
  readonly #firstBytes: number;
  readonly #pool: WindowPool;
  readonly #clock: () => number;
  /** What the streams should have, and what the peer was told. */
  #bytes: number;
  #saidBytes: number;
  #mostBytes: number | undefined;
  #streams = 0;
  #readBytes = 0;
  /** From where the next sample is counted. */
  #fromBytes = 0;
  #isAsking = false;
  #leastRoundTripMs = Number.POSITIVE_INFINITY;
  #futile = 0;
  #restMs = SHORTEST_REST_MS;
  #restsUntil = 0;
  #neededAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(session: WindowSession, { firstBytes, pool, clock = () => performance.now() }: ReceiveWindowInit) {
    this.#session = session;
    this.#firstBytes = firstBytes;
    this.#pool = pool;
    this.#clock = clock;
    this.#bytes = firstBytes;
    this.#saidBytes = firstBytes;
  }

  /** What the peer was told last. */
  get bytes(): number {
    return this.#saidBytes;
  }

  /** A round trip that was measured otherwise: while nothing waited on the wire, it seems. */
  roundTrip(ms: number): void {
    this.#leastRoundTripMs = Math.min(this.#leastRoundTripMs, Math.max(ms, SHORTEST_ROUND_TRIP_MS));
  }

  /** So much was read from a stream. */
  read(bytes: number): void {
    this.#readBytes += bytes;
    const threshold = Math.max(LEAST_SAMPLE_BYTES, Math.min(this.#bytes / 8, MOST_SAMPLE_BYTES));
    if (!this.#isAsking && this.#readBytes - this.#fromBytes >= threshold && this.#mostBytes === undefined) {
      this.#sample();
    }
  }

  /** So many streams are open now. */
  streams(count: number): void {
    const isMore = count > this.#streams;
    this.#streams = count;
    if (isMore && this.#bytes > this.#firstBytes) {
      const needed = (this.#bytes - this.#firstBytes) * count;
      const granted = this.#pool.claim(this, needed);
      if (granted < needed) {
        // Half of what they could have, so that each stream more doesn't need another frame.
        this.#become(this.#firstBytes + granted / count / 2);
      }
    }
  }

  /** Lets no stream send more ahead than this until further notice; `undefined` is the notice. */
  limit(bytes: number | undefined): void {
    this.#mostBytes = bytes;
    this.#become(bytes ?? this.#firstBytes);
  }

  /** The connection is gone. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pool.claim(this, 0);
    this.#mostBytes = 0;
  }

  #sample(): void {
    this.#fromBytes = this.#readBytes;
    this.#neededAt = this.#clock();
    if (this.#neededAt >= this.#restsUntil) {
      this.#ask(this.#neededAt);
    }
  }

  #ask(askedAt: number): void {
    const before = this.#readBytes;
    this.#isAsking = this.#session.ask(() => this.#answered(askedAt, this.#readBytes - before));
  }

  /** One sample follows the other until there is nothing to learn: what comes in bursts is in one of them. */
  #answered(askedAt: number, sampleBytes: number): void {
    this.#isAsking = false;
    if (this.#mostBytes !== undefined) {
      return;
    }
    const now = this.#clock();
    const roundTripMs = Math.max(now - askedAt, SHORTEST_ROUND_TRIP_MS);
    this.roundTrip(roundTripMs);
    this.#fromBytes = this.#readBytes;
    const target = (HEADROOM * sampleBytes * this.#leastRoundTripMs) / roundTripMs;
    if (target >= WORTHWHILE * this.#bytes && this.#widen(target)) {
      this.#futile = 0;
      this.#restMs = SHORTEST_REST_MS;
    } else {
      this.#futile += 1;
    }
    if (this.#futile < FUTILE_SAMPLES) {
      this.#ask(now);
      return;
    }
    this.#futile = 0;
    this.#restsUntil = now + this.#restMs;
    this.#restMs = Math.min(LONGEST_REST_MS, this.#restMs * 2);
  }

  #widen(target: number): boolean {
    const streams = Math.max(1, this.#streams);
    const wanted = Math.min(target, STEEPEST * this.#bytes, WIDEST_WINDOW_BYTES) - this.#firstBytes;
    const granted = wanted > 0 ? this.#pool.claim(this, wanted * streams) : 0;
    const bytes = this.#firstBytes + Math.floor(granted / streams);
    if (bytes < WORTHWHILE * this.#bytes) {
      this.#pool.claim(this, (this.#bytes - this.#firstBytes) * streams);
      return false;
    }
    this.#become(bytes);
    return true;
  }

  #become(bytes: number): void {
    this.#bytes = Math.floor(bytes);
    const beyond = this.#bytes - this.#firstBytes;
    this.#pool.claim(this, Math.max(0, beyond) * Math.max(1, this.#streams));
    this.#say();
  }

  #say(): void {
    if (this.#bytes !== this.#saidBytes && this.#session.setWindow(this.#bytes)) {
      this.#saidBytes = this.#bytes;
    }
    const isSettled = this.#bytes === this.#saidBytes && this.#bytes <= this.#firstBytes;
    if (!isSettled) {
      this.#timer ??= setTimeout(() => this.#look(), LOOK_MS).unref();
    }
  }

  /** Goes back when nobody needs it, and says what couldn't be said. */
  #look(): void {
    this.#timer = undefined;
    if (this.#bytes > this.#firstBytes && this.#clock() - this.#neededAt >= UNNEEDED_MS) {
      this.#restMs = SHORTEST_REST_MS;
      this.#become(this.#firstBytes);
    } else {
      this.#become(this.#bytes);
    }
  }
}

const SHORTEST_ROUND_TRIP_MS = 0.01;

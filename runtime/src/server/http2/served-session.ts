import { constants, type ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { PeerCertificate } from "node:tls";
import { LONGEST_TIMER_MS } from "../../contract/defaults.js";
import type { ConnectionAddresses } from "../../wire/connection-addresses.js";
import { pingPermission } from "../../wire/ping-permission.js";
import { ReceiveWindow } from "../../wire/receive-window.js";
import { LITTLE_SENT_BYTES, SENDING_ANSWER_MS } from "../../wire/sent-ahead.js";
import type { WindowPool } from "../../wire/window-pool.js";
import { PingStrikes } from "./ping-strikes.js";
import { ResetBudget } from "./reset-budget.js";
import { SessionWindow } from "./session-window.js";
import { verifiedCertificate } from "./verified-certificate.js";

/** What a session reads from: a socket, or something that can do less. */
export type Connection = Duplex & Partial<Pick<Socket, "bytesRead" | "bytesWritten" | keyof ConnectionAddresses>>;

/** How long connections live, and how it is found out that they are dead. In milliseconds; `Infinity`: without a limit. */
export interface SessionPolicy {
  readonly maxAgeMs: number;
  readonly ageGraceMs: number;
  readonly idleMs: number;
  readonly keepaliveTimeMs: number;
  readonly keepaliveTimeoutMs: number;
  readonly minPingIntervalMs: number;
}

/** What the streams of a server's connections may send ahead of their readers. */
export interface WindowPolicy {
  /** At first. */
  readonly firstBytes: number;
  /** What all connections share, to widen theirs. */
  readonly pool: WindowPool;
}

const NARROW_WINDOW_BYTES = 16_384;

/** A connection of a server's: its age, its idleness, its signs of life, and how it leaves. */
export class ServedSession {
  readonly session: ServerHttp2Session;
  readonly addresses: ConnectionAddresses;
  readonly #socket: Connection;
  readonly #policy: SessionPolicy;
  readonly #pings: PingStrikes;
  readonly #permission: Buffer;
  readonly #asked: SessionWindow;
  readonly #window: ReceiveWindow;
  readonly #resets = new ResetBudget();
  readonly #agesAt: number;
  #certificate: PeerCertificate | undefined | "unknown" = "unknown";
  #peer: string | undefined;
  #calls = 0;
  #hasPermitted = false;
  #idleSince: number;
  #timer: NodeJS.Timeout | undefined;
  #bytesRead = 0;
  /** What had been written when something came last. */
  #bytesWritten = 0;
  #heardAt: number;
  #askedAt: number | undefined;

  /** @param socket what the session reads from: Node shows less of it */
  constructor(session: ServerHttp2Session, socket: Connection, policy: SessionPolicy, windows: WindowPolicy) {
    const now = performance.now();
    const { remoteAddress, remotePort } = socket;
    this.session = session;
    this.addresses = { remoteAddress, remotePort };
    this.#socket = socket;
    this.#policy = policy;
    this.#pings = new PingStrikes(policy.minPingIntervalMs);
    this.#permission = pingPermission(policy.minPingIntervalMs);
    this.#asked = new SessionWindow(session, windows.firstBytes, this.#permission, () => socket.bytesRead ?? 0);
    this.#window = new ReceiveWindow(this.#asked, windows);
    this.#idleSince = now;
    this.#heardAt = now;
    // gRFC A9: ±10 %, so that connections that were made together don't end together.
    this.#agesAt = now + policy.maxAgeMs * (0.9 + Math.random() * 0.2);
    session.on("ping", () => this.#pinged());
    // A session that failed has ended, and its calls hear of it.
    session.on("error", () => {});
    session.once("close", () => {
      clearTimeout(this.#timer);
      this.#window.close();
    });
    // The acknowledgement of this side's first frame: nothing waits on the wire yet.
    session.once("localSettings", () => this.#window.roundTrip(performance.now() - now));
    this.#arm(now);
  }

  /** `127.0.0.1:51234`; of a Unix socket, nothing is known. */
  get peer(): string {
    this.#peer ??= peerName(this.addresses);
    return this.#peer;
  }

  /** What the caller has shown and a CA of the server's has signed. */
  get peerCertificate(): PeerCertificate | undefined {
    if (this.#certificate === "unknown") {
      this.#certificate = verifiedCertificate(this.#socket);
    }
    return this.#certificate;
  }

  get hasCalls(): boolean {
    return this.#calls > 0;
  }

  callStarted(): void {
    this.#calls += 1;
    this.#window.streams(this.#calls);
    if (!this.#hasPermitted && !this.session.closed && !this.session.destroyed) {
      // Not before: grpc-js's clients hear nothing of a connection's first frames.
      this.#hasPermitted = true;
      this.session.ping(this.#permission, () => {});
    }
  }

  /** So much of a stream was read. */
  read(bytes: number): void {
    this.#window.read(bytes);
  }

  /** HEADERS or DATA leave. */
  sent(): void {
    this.#pings.sent();
  }

  /** @param wasReset by the peer */
  callEnded(wasReset: boolean): void {
    this.#calls -= 1;
    this.#window.streams(this.#calls);
    if (this.#calls === 0) {
      this.#idleSince = performance.now();
    }
    if (wasReset && this.#resets.take(this.#calls)) {
      this.leave();
    }
  }

  /** Has streams send little ahead of their readers, or as much as ever. Open streams follow. */
  narrow(isNarrow: boolean): void {
    if (!this.session.destroyed) {
      this.#window.limit(isNarrow ? NARROW_WINDOW_BYTES : undefined);
    }
  }

  /** Takes no new calls, and closes when its last one has ended. Calls that are on their way are the peer's to make elsewhere. */
  leave(): void {
    if (!this.session.closed && !this.session.destroyed) {
      this.session.close();
    }
  }

  /** Ends the connection, whatever is on it. */
  destroy(): void {
    this.session.destroy();
    // A session that was closing waits for its peer to close the socket, however long that takes.
    this.#socket.destroy();
  }

  #pinged(): void {
    if (this.#pings.strike(this.#written)) {
      // The text is what gRPC's clients look for (gRFC A8).
      this.session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from("too_many_pings"));
      this.session.destroy();
    }
  }

  #arm(now: number): void {
    const { ageGraceMs, idleMs, keepaliveTimeMs } = this.#policy;
    const ageAt = this.session.closed ? this.#agesAt + ageGraceMs : this.#agesAt;
    const idleAt = (this.#calls === 0 ? this.#idleSince : now) + idleMs;
    const lifeAt = this.#askedAt === undefined ? this.#heardAt + keepaliveTimeMs : this.#deadAt(this.#askedAt);
    const waitMs = Math.min(ageAt, idleAt, lifeAt) - now;
    this.#timer = setTimeout(look, Math.min(Math.max(1, waitMs), LONGEST_TIMER_MS), this);
    this.#timer.unref();
  }

  /** Sees whether the connection is too old, idle or dead. */
  look(): void {
    if (this.session.destroyed) {
      return;
    }
    const now = performance.now();
    const { ageGraceMs, idleMs } = this.#policy;
    if (now >= this.#agesAt + ageGraceMs) {
      this.destroy();
      return;
    }
    if (this.#isDead(now)) {
      // What came while this process was busy is read before its next turn.
      setImmediate(endIfDead, this);
      return;
    }
    if (now >= this.#agesAt || (this.#calls === 0 && now >= this.#idleSince + idleMs)) {
      this.leave();
    }
    if (!this.session.destroyed) {
      this.#arm(now);
    }
  }

  endIfDead(): void {
    const now = performance.now();
    if (this.#isDead(now)) {
      this.destroy();
    } else if (!this.session.destroyed) {
      this.#arm(now);
    }
  }

  /** Any byte is a sign of life: the answer to a PING may have to wait behind much else. */
  #isDead(now: number): boolean {
    const { bytesRead = 0 } = this.#socket;
    if (bytesRead !== this.#bytesRead) {
      this.#bytesRead = bytesRead;
      this.#bytesWritten = this.#written;
      this.#heardAt = now;
      this.#askedAt = undefined;
      return false;
    }
    if (this.#askedAt !== undefined) {
      return now >= this.#deadAt(this.#askedAt);
    }
    if (now - this.#heardAt >= this.#policy.keepaliveTimeMs) {
      this.#askedAt = now;
      this.#asked.ask(() => {});
    }
    return false;
  }

  #deadAt(askedAt: number): number {
    const { keepaliveTimeoutMs } = this.#policy;
    const isSending = this.#written - this.#bytesWritten > LITTLE_SENT_BYTES;
    return askedAt + (isSending ? Math.max(keepaliveTimeoutMs, SENDING_ANSWER_MS) : keepaliveTimeoutMs);
  }

  get #written(): number {
    return this.#socket.bytesWritten ?? 0;
  }
}

function look(session: ServedSession): void {
  session.look();
}

function endIfDead(session: ServedSession): void {
  session.endIfDead();
}

/** `127.0.0.1:51234`; of a Unix socket, nothing is known. */
export function peerName({ remoteAddress, remotePort }: ConnectionAddresses): string {
  if (remoteAddress === undefined) {
    return "unknown";
  }
  return remotePort === undefined ? remoteAddress : `${remoteAddress}:${remotePort}`;
}

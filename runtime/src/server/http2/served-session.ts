import { constants, type ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { PeerCertificate } from "node:tls";
import type { ConnectionAddresses } from "../../wire/connection-addresses.js";
import { PingStrikes } from "./ping-strikes.js";
import { ResetBudget } from "./reset-budget.js";
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

// While this side sends, TCP's acknowledgements are all that a peer needs to say for long, and Node doesn't show them.
const SENDING_TIMEOUT_MS = 20_000;
// What is sent without anybody's asking: a PING and its like.
const NOTHING_SENT_BYTES = 64;

const WINDOW_BYTES = 65_535;
const NARROW_WINDOW_BYTES = 16_384;

/** A connection of a server's: its age, its idleness, its signs of life, and how it leaves. */
export class ServedSession {
  readonly session: ServerHttp2Session;
  readonly addresses: ConnectionAddresses;
  readonly #socket: Connection;
  readonly #policy: SessionPolicy;
  readonly #pings: PingStrikes;
  readonly #resets = new ResetBudget();
  readonly #agesAt: number;
  #certificate: PeerCertificate | undefined | "unknown" = "unknown";
  #peer: string | undefined;
  #calls = 0;
  #isNarrow = false;
  #idleSince: number;
  #timer: NodeJS.Timeout | undefined;
  #bytesRead = 0;
  #bytesWritten = 0;
  #heardAt: number;
  #askedAt: number | undefined;

  /** @param socket what the session reads from: Node shows less of it */
  constructor(session: ServerHttp2Session, socket: Connection, policy: SessionPolicy) {
    const now = performance.now();
    const { localAddress, localPort, remoteAddress, remotePort } = socket;
    this.session = session;
    this.addresses = { localAddress, localPort, remoteAddress, remotePort };
    this.#socket = socket;
    this.#policy = policy;
    this.#pings = new PingStrikes(policy.minPingIntervalMs);
    this.#idleSince = now;
    this.#heardAt = now;
    // gRFC A9: ±10 %, so that connections that were made together don't end together.
    this.#agesAt = now + policy.maxAgeMs * (0.9 + Math.random() * 0.2);
    session.on("ping", () => this.#pinged());
    // A session that failed has ended, and its calls hear of it.
    session.on("error", () => {});
    session.once("close", () => clearTimeout(this.#timer));
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
  }

  /** HEADERS or DATA leave. */
  sent(): void {
    this.#pings.sent();
  }

  /** @param wasReset by the peer */
  callEnded(wasReset: boolean): void {
    this.#calls -= 1;
    if (this.#calls === 0) {
      this.#idleSince = performance.now();
    }
    if (wasReset && this.#resets.take(this.#calls)) {
      this.leave();
    }
  }

  /** What a stream may send ahead of its reader: HTTP/2's own first window, or a quarter of it. Open streams follow. */
  narrow(isNarrow: boolean): void {
    // Node ends a session whose peer owes it too many acknowledgements.
    if (this.#isNarrow !== isNarrow && !this.session.destroyed && !this.session.pendingSettingsAck) {
      this.#isNarrow = isNarrow;
      this.session.settings({ initialWindowSize: isNarrow ? NARROW_WINDOW_BYTES : WINDOW_BYTES });
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
    this.#timer = setTimeout(look, Math.min(Math.max(1, waitMs), LONGEST_WAIT_MS), this);
    this.#timer.unref();
  }

  /** Sees whether the connection is too old, idle or dead. */
  look(): void {
    if (this.session.destroyed) {
      return;
    }
    const now = performance.now();
    const { ageGraceMs, idleMs } = this.#policy;
    if (now >= this.#agesAt + ageGraceMs || this.#isDead(now)) {
      this.destroy();
      return;
    }
    if (now >= this.#agesAt || (this.#calls === 0 && now >= this.#idleSince + idleMs)) {
      this.leave();
    }
    if (!this.session.destroyed) {
      this.#arm(now);
    }
  }

  /** Any byte is a sign of life: the answer to a PING may have to wait behind much else. */
  #isDead(now: number): boolean {
    const { bytesRead = 0 } = this.#socket;
    if (bytesRead !== this.#bytesRead) {
      this.#bytesRead = bytesRead;
      this.#heardAt = now;
      this.#askedAt = undefined;
      return false;
    }
    if (this.#askedAt !== undefined) {
      return now >= this.#deadAt(this.#askedAt);
    }
    if (now - this.#heardAt >= this.#policy.keepaliveTimeMs) {
      this.#askedAt = now;
      this.#bytesWritten = this.#written;
      this.#ask();
    }
    return false;
  }

  #deadAt(askedAt: number): number {
    const { keepaliveTimeoutMs } = this.#policy;
    const isSending = this.#written - this.#bytesWritten > NOTHING_SENT_BYTES;
    return askedAt + (isSending ? Math.max(keepaliveTimeoutMs, SENDING_TIMEOUT_MS) : keepaliveTimeoutMs);
  }

  get #written(): number {
    return this.#socket.bytesWritten ?? 0;
  }

  #ask(): void {
    // A closing session sends no PING. SETTINGS have to be answered as well.
    if (this.session.closed) {
      this.session.settings({});
    } else {
      this.session.ping(() => {});
    }
  }
}

const LONGEST_WAIT_MS = 2 ** 31 - 1;

function look(session: ServedSession): void {
  session.look();
}

function peerName({ remoteAddress, remotePort }: ConnectionAddresses): string {
  if (remoteAddress === undefined) {
    return "unknown";
  }
  return remotePort === undefined ? remoteAddress : `${remoteAddress}:${remotePort}`;
}

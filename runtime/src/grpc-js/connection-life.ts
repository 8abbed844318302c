import { type ClientHttp2Session, constants } from "node:http2";
import { ReceiveWindow, type WindowSession } from "../wire/receive-window.js";
import { SentAhead } from "../wire/sent-ahead.js";
import { Status } from "../wire/status.js";
import { setStreamWindow } from "../wire/stream-window.js";
import { WindowPool } from "../wire/window-pool.js";
import { endAtOnce } from "./closed-sessions.js";
import type { KeepalivePolicy } from "./keepalive-policy.js";
import { everyLook, LOOK_MS } from "./looks.js";
import { type AskedSession, PeerQuestions } from "./peer-questions.js";

// Beyond it, nothing that is heard sooner than this means anything: garbage is collected, processes are throttled, and a busy
// Python server has been silent for 18 s.
const LEAST_SILENCE_MS = 18_000;
// Calls are what makes it worth waiting.
const NO_CALLS_ANSWER_MS = 10_000;
// How often peers are asked that say that they permit it.
const PERMITTED_ASK_MS = 5_000;

// The memory that all of a process's channels may let servers fill ahead of slow readers, beyond 256 KiB for each stream.
const pool = new WindowPool(64 * 1024 * 1024);

/** What servers say that get too many pings (gRFC A8). */
export const TOO_MANY_PINGS = "too_many_pings";

/** A call on a connection, as far as the connection has to know it. */
export interface LivingCall {
  /** Ends it: the connection is given up, or others should take it. */
  end(code: Status, details: string): void;
}

/** How often a peer is asked, over all connections to it. */
export interface Pace {
  /** Doubles whenever the peer says that it got too many pings (gRFC A8). */
  slowness: number;
}

/** How connections to a peer are watched. */
export interface LifeInit {
  readonly policy: KeepalivePolicy;
  readonly pace: Pace;
  /** What streams may send ahead of their readers when it begins. */
  readonly firstWindowBytes: number;
  /** The peer's, for people. */
  readonly name: string;
}

/** What is used of a session. */
export type LivelySession = AskedSession &
  Pick<ClientHttp2Session, "destroy" | "setLocalWindowSize" | "once"> & {
    readonly socket?: { readonly bytesRead?: number; readonly bytesWritten?: number };
  };

/**
 * What a connection says, and how it is asked.
 *
 * Any byte is a sign of life: the answer to a PING waits behind data on a slow link. A connection is asked when nothing has
 * come for a while although calls wait there, and it is given up when nothing has come long after that. Silence is counted in
 * looks rather than by the clock: while this process stands still, nobody knows what has come.
 */
export class ConnectionLife implements WindowSession {
  readonly #session: LivelySession;
  readonly #policy: KeepalivePolicy;
  readonly #name: string;
  readonly #window: ReceiveWindow;
  readonly #calls = new Set<LivingCall>();
  readonly #questions: PeerQuestions;
  readonly #pace: Pace;
  readonly #sent = new SentAhead();
  #complaint: string | undefined;
  #bytesRead = 0;
  #timer: NodeJS.Timeout | undefined;
  #silentLooks = 0;
  /** Since it was asked; 0 if it wasn't. */
  #askedLooks = 0;
  #isAsked = false;
  #hasNewCall = false;
  /** Whether there has been a call since something came last. It may have ended at its deadline. */
  #isExpecting = false;

  constructor(session: LivelySession, { policy, pace, firstWindowBytes, name }: LifeInit) {
    this.#session = session;
    this.#policy = policy;
    this.#pace = pace;
    this.#name = name;
    this.#questions = new PeerQuestions(session, policy);
    this.#window = new ReceiveWindow(this, { firstBytes: firstWindowBytes, pool });
    session.on("goaway", (code: number, _last: number, data?: Buffer) => {
      if (code === constants.NGHTTP2_ENHANCE_YOUR_CALM && this.#complaint === undefined) {
        this.#complaint = data?.toString("latin1") ?? "";
        pace.slowness *= this.#complaint === TOO_MANY_PINGS ? 2 : 1;
      }
    });
    session.once("close", () => {
      this.#window.close();
      this.#rest();
    });
    this.#listen();
    this.#measure();
    if (policy.whenIdle) {
      this.#watch();
    }
  }

  /** Whether it was asked, nothing has come since the look before, and somebody should have answered. */
  get isUnanswered(): boolean {
    return this.#isAsked && this.#askedLooks > 0 && this.#read === this.#bytesRead;
  }

  /** How long nothing has come while somebody waited, as far as is known. */
  get silentMs(): number {
    return this.#silentLooks * LOOK_MS;
  }

  /** Whether a call was made since it was asked last. */
  get hasNewCall(): boolean {
    return this.#hasNewCall;
  }

  /** What the peer has closed the connection for, if it says that this side does too much: {@link TOO_MANY_PINGS}, or anything else. */
  get complaint(): string | undefined {
    return this.#complaint;
  }

  get calls(): Iterable<LivingCall> {
    return this.#calls;
  }

  callStarted(call: LivingCall): void {
    if (!this.#isExpecting) {
      this.#isExpecting = true;
      this.#silentLooks = 0;
    }
    this.#calls.add(call);
    this.#hasNewCall = true;
    this.#window.streams(this.#calls.size);
    if (this.#policy.pings !== "off") {
      this.#watch();
    }
  }

  callEnded(call: LivingCall): void {
    if (this.#calls.delete(call)) {
      this.#window.streams(this.#calls.size);
    }
  }

  /** So much was read from a call's stream. */
  read(bytes: number): void {
    this.#window.read(bytes);
    this.#questions.dataCame();
  }

  /** Headers have come to a call. */
  dataCame(): void {
    this.#questions.dataCame();
  }

  /** Has it asked as soon as that makes sense: there are others that could take its calls. */
  askSoon(): void {
    if (this.#policy.pings !== "off" && !this.#isAsked) {
      this.#question(false);
    }
  }

  #watch(): void {
    this.#timer ??= everyLook(() => this.#look());
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Sees what has come, and asks or gives up if it is time to. */
  #look(): void {
    const session = this.#session;
    if (session.destroyed || session.socket === undefined) {
      this.#rest();
      return;
    }
    this.#listen();
    this.#follow();
    const isWanted = this.#isExpecting || this.#policy.whenIdle;
    if (this.#isDead) {
      this.#giveUp();
    } else if (isWanted && !this.#isAsked && this.silentMs >= this.#askAfterMs) {
      this.#question(this.silentMs >= this.#policy.askAfterMs);
    } else if (!isWanted && !this.#isAsked) {
      this.#rest();
    }
  }

  /** Hears what has come, or counts a look more of silence. */
  #listen(): void {
    const isHeard = this.#read !== this.#bytesRead;
    this.#bytesRead = this.#read;
    if (isHeard) {
      this.#silentLooks = 0;
      this.#askedLooks = 0;
      this.#isAsked = false;
      this.#isExpecting = this.#calls.size > 0;
      this.#sent.heard(this.#written);
    } else {
      this.#silentLooks += 1;
      this.#askedLooks += this.#isAsked ? 1 : 0;
    }
  }

  /** Learns what of much has arrived, by a question that comes behind it. */
  #follow(): void {
    const written = this.#written;
    if (this.#policy.pings !== "off" && this.#sent.isQuestionDue(written, performance.now())) {
      this.#questions.askBySettings(() => this.#sent.answered(written, performance.now()));
    }
  }

  get #askAfterMs(): number {
    const { askAfterMs, pings } = this.#policy;
    const { permittedMs } = this.#questions;
    const isPermitted = pings === "careful" && permittedMs !== undefined;
    const ms = isPermitted ? Math.min(askAfterMs, Math.max(PERMITTED_ASK_MS, permittedMs)) : askAfterMs;
    const pacedMs = ms * this.#pace.slowness;
    // What is sent may need all the time that it has.
    return this.#sent.isMuch(this.#written) ? Math.min(pacedMs, 2 * LOOK_MS) : pacedMs;
  }

  get #isDead(): boolean {
    const { askAfterMs, answerMs, whenIdle } = this.#policy;
    if (!this.#isAsked) {
      return false;
    }
    const askedMs = this.#askedLooks * LOOK_MS;
    if (this.#calls.size === 0 && !whenIdle) {
      return askedMs >= NO_CALLS_ANSWER_MS;
    }
    const written = this.#written;
    const patienceMs = this.#sent.isMuch(written) ? Math.max(answerMs, this.#sent.answerMs(written)) : answerMs;
    return this.silentMs >= Math.min(askAfterMs + answerMs, LEAST_SILENCE_MS) && askedMs >= patienceMs;
  }

  #giveUp(): void {
    const text = `Nothing has come from ${this.#name} for ${this.silentMs / 1000} s, though it was asked`;
    for (const call of [...this.#calls]) {
      call.end(Status.UNAVAILABLE, text);
    }
    endAtOnce(this.#session);
  }

  get #read(): number {
    return this.#session.socket?.bytesRead ?? 0;
  }

  get #written(): number {
    return this.#session.socket?.bytesWritten ?? 0;
  }

  /** @param isDue whether it is the keepalive's own, rather than for the sake of new calls */
  #question(isDue: boolean): void {
    this.#hasNewCall = false;
    this.#askedLooks = 0;
    this.#isAsked = true;
    // If it can't be asked, it hasn't answered what it was asked before.
    this.#questions.ask(isDue, () => {});
  }

  /** For the window's sake: what is read shows that data has come. */
  ask(answered: () => void): boolean {
    return this.#questions.ask(false, answered);
  }

  setWindow(bytes: number): boolean {
    return setStreamWindow(this.#session, bytes);
  }

  /** The round trip, while there is nothing on the wire that an answer would have to wait behind. */
  #measure(): void {
    const session = this.#session;
    if (session.pendingSettingsAck) {
      session.once("localSettings", () => this.#measure());
    } else if (!session.destroyed) {
      const askedAt = performance.now();
      session.settings({}, () => this.#window.roundTrip(performance.now() - askedAt));
    }
  }
}

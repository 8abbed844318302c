import { type ClientHttp2Session, constants } from "node:http2";
import type { Metadata } from "@grpc/grpc-js";
import { Status } from "../wire/status.js";
import { ConnectionLife, type LifeInit, type LivingCall, TOO_MANY_PINGS } from "./connection-life.js";
import {
  insideCall,
  type Subchannel,
  type SubchannelCall,
  type SubchannelListener,
  transportOf,
} from "./private-names.js";

type ReceivedStatus = Parameters<SubchannelListener["onReceiveStatus"]>[0];

const lives = new WeakMap<ClientHttp2Session, ConnectionLife>();
const inits = new WeakMap<Subchannel, LifeInit>();

/** How often a method's calls may be attempted when its connection fails; 0 or 1: once. */
export type AttemptsOf = (path: string) => number;

/** Has the connections of a subchannel watched, with the calls on them. */
export function followCalls(subchannel: Subchannel, init: LifeInit, attemptsOf: AttemptsOf): void {
  inits.set(subchannel, init);
  const createCall = subchannel.createCall.bind(subchannel);
  subchannel.createCall = (metadata, host, method, listener, callNumber) => {
    const life = lifeOf(subchannel);
    if (life === undefined) {
      return createCall(metadata, host, method, listener, callNumber);
    }
    const followed = new FollowedCall(life, listener, metadata, attemptsOf(method));
    const call = createCall(metadata, host, method, followed, callNumber);
    followed.follow(call);
    return call;
  };
}

/** The session that a subchannel has at present. */
export function sessionOf(subchannel: Subchannel): ClientHttp2Session | undefined {
  const session = transportOf(subchannel)?.session ?? undefined;
  return session?.destroyed ? undefined : session;
}

/** The life of the connection that a subchannel has at present. */
export function lifeOf(subchannel: Subchannel): ConnectionLife | undefined {
  const session = sessionOf(subchannel);
  const init = inits.get(subchannel);
  if (session === undefined || init === undefined) {
    return undefined;
  }
  let life = lives.get(session);
  if (life === undefined) {
    life = new ConnectionLife(session, init);
    lives.set(session, life);
  }
  return life;
}

/** Marks the status of an attempt that is to be made elsewhere: one attempt more, though nobody has failed. */
export const MOVED = Symbol.for("accord.moved.v1");

// A retry needs some time of its own.
const RETRY_MS = 2_000;
// Until then, it may be a pause.
const PAUSE_MS = 5_000;

/**
 * Has calls tried elsewhere that wait on a connection which is silent, if their contract says that they may be: when it has been
 * silent for longer than a pause, or when little more time would be left to them.
 *
 * Others stay. Their requests may have been served, and the connection may come back.
 */
export function moveCalls(life: ConnectionLife): void {
  for (const call of [...life.calls]) {
    if (call instanceof FollowedCall && call.isMovable(life.silentMs)) {
      call.move();
    }
  }
}

class FollowedCall implements SubchannelListener, LivingCall {
  readonly #life: ConnectionLife;
  readonly #listener: SubchannelListener;
  readonly #deadlineAt: number;
  readonly #mayRetry: boolean;
  #call: SubchannelCall | undefined;
  #isAnswered = false;

  constructor(life: ConnectionLife, listener: SubchannelListener, metadata: Metadata, attempts: number) {
    this.#life = life;
    this.#listener = listener;
    this.#mayRetry = Number(metadata.get("grpc-previous-rpc-attempts")[0] ?? 0) + 1 < attempts;
    this.#deadlineAt = this.#mayRetry ? deadlineOf(metadata) : 0;
  }

  follow(call: SubchannelCall): void {
    this.#call = call;
    this.#life.callStarted(this);
    insideCall(call).http2Stream?.on("data", (chunk: Buffer) => this.#life.read(chunk.byteLength));
  }

  end(code: Status, details: string): void {
    this.#call?.cancelWithStatus(code, details);
  }

  isMovable(silentMs: number): boolean {
    // Once there is an answer, grpc-js doesn't try again.
    return (
      this.#mayRetry && !this.#isAnswered && (silentMs >= PAUSE_MS || this.#deadlineAt - performance.now() <= RETRY_MS)
    );
  }

  move(): void {
    this.end(Status.UNAVAILABLE, MOVED_DETAILS);
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.#isAnswered = true;
    this.#life.dataCame();
    this.#listener.onReceiveMetadata(metadata);
  }

  onReceiveMessage(message: Buffer): void {
    this.#listener.onReceiveMessage(message);
  }

  onReceiveStatus(status: ReceivedStatus): void {
    this.#life.callEnded(this);
    this.#listener.onReceiveStatus(this.#told(status));
  }

  #told(status: ReceivedStatus): ReceivedStatus {
    if (status.details === MOVED_DETAILS) {
      // It doesn't count against the budget of retries: that is for servers that fail, and this one's calls would use it up
      // together. Without whoever reads the mark, grpc-js takes it for a call that the server refused.
      return { ...status, rstCode: constants.NGHTTP2_REFUSED_STREAM, [MOVED]: true } as ReceivedStatus;
    }
    const { complaint } = this.#life;
    if (complaint !== undefined && isOfConnection(status)) {
      return { ...status, code: Status.UNAVAILABLE, details: closedFor(complaint) };
    }
    return status;
  }
}

const MOVED_DETAILS = "Nothing comes from the server, and others are there";

/** Whether it is what grpc-js makes of the end of a connection. */
function isOfConnection({ rstCode, details }: ReceivedStatus): boolean {
  return rstCode === constants.NGHTTP2_ENHANCE_YOUR_CALM || details === "Connection dropped";
}

/** What callers read of it: a server that ends its connections has no quota for them. */
function closedFor(complaint: string): string {
  if (complaint === TOO_MANY_PINGS) {
    return (
      "The server closed the connection because of too many pings (too_many_pings), so they are sent half as often from now on. " +
      'Permit more there, or choose `keepalive: "conservative"` for the channel'
    );
  }
  const why = complaint.replace(/[^ -~]/g, "?").slice(0, MOST_COMPLAINT);
  return why === ""
    ? "The server closed the connection, and didn't say why"
    : `The server closed the connection: ${why}`;
}

// It is the server's, and may be anything.
const MOST_COMPLAINT = 200;

// The deadline of an attempt, as grpc-js says it to the server.
function deadlineOf(metadata: Metadata): number {
  const [amount, unit] = /^(\d+)([a-zA-Z])$/.exec(String(metadata.get("grpc-timeout")[0]))?.slice(1) ?? [];
  const unitMs = unit === undefined ? undefined : UNIT_MS[unit];
  return unitMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + Number(amount) * unitMs;
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 1, S: 1_000, M: 60_000, H: 3_600_000 };

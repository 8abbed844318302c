/** What a client is to do, and what it says of it: each is a line of JSON, for peers in any language. */
export type Work =
  /** Calls one after the other on so many lanes, for a while; the first second isn't counted. */
  | {
      readonly kind: "rate";
      readonly way: "up" | "down";
      readonly bytes: number;
      readonly lanes: number;
      readonly ms: number;
    }
  /** A stream of messages, read as they come, for a while; the first second isn't counted. */
  | { readonly kind: "stream"; readonly bytes: number; readonly ms: number }
  /** So many calls at once, each once. */
  | { readonly kind: "once"; readonly way: "up" | "down"; readonly bytes: number; readonly calls: number }
  /** A unary call and a stream, of which nothing comes for a while. */
  | { readonly kind: "silent"; readonly ms: number }
  | Load;

/** Gets, which may be retried, and Puts, which may not, at a rate, and streams with a message every 500 ms. */
export interface Load {
  readonly kind: "load";
  readonly getsPerSecond: number;
  readonly putsPerSecond: number;
  readonly streams: number;
  readonly ms: number;
  readonly timeoutMs: number;
  /** What Gets and Puts ask for. */
  readonly action: Action;
}

/** What came of it. */
export interface Outcome {
  readonly mbPerSecond?: number;
  readonly ok: number;
  readonly lost: Readonly<Record<string, number>>;
  readonly statuses: Readonly<Record<string, number>>;
  /** Of a load's Gets and Puts that were OK: when they ended, as `Date.now()`, and how long they took, in milliseconds. */
  readonly oks: readonly (readonly [at: number, ms: number])[];
}

/** What a server is told, as a line of JSON. */
export type Order =
  /** To answer all calls with UNAVAILABLE, or no longer. */
  | { readonly order: "refuse"; readonly isRefusing: boolean }
  /** To take no more calls, finish those it has, and end. */
  | { readonly order: "stop" };

/** How many calls a server works on at a time, where they ask for a place. */
export const PLACES = 8;

/** The path of methods, which all peers serve. */
export const PUT = "/probe.v1.ProbeService/Unary";
export const GET = "/probe.v1.OtherService/Ping";

/** What Gets are retried by, on all clients alike: as the plugin emits it for `retry {}`, throttling included. */
export const SERVICE_CONFIG = {
  loadBalancingConfig: [{ round_robin: {} }],
  methodConfig: [
    {
      name: [{ service: "probe.v1.OtherService" }],
      retryPolicy: {
        maxAttempts: 4,
        initialBackoff: "0.100000000s",
        maxBackoff: "1.000000000s",
        backoffMultiplier: 2,
        retryableStatusCodes: ["UNAVAILABLE"],
      },
    },
  ],
  retryThrottling: { maxTokens: 10, tokenRatio: 0.1 },
} as const;

/** What a request asks of a server: to wait, and to send messages of this size. Its `action` has it as JSON. */
export interface Action {
  readonly sleepMs?: number;
  /** To take one of its {@link PLACES} for so long, and to wait for one before. */
  readonly placeMs?: number;
  readonly bytes?: number;
  readonly messages?: number;
  readonly everyMs?: number;
}

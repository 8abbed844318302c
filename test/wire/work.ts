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
  /** Gets, which may be retried, and Puts, which may not, at a rate, and streams with a message every 500 ms. */
  | {
      readonly kind: "load";
      readonly getsPerSecond: number;
      readonly putsPerSecond: number;
      readonly streams: number;
      readonly ms: number;
      readonly timeoutMs: number;
    };

/** What came of it. */
export interface Outcome {
  readonly mbPerSecond?: number;
  readonly ok: number;
  readonly lost: Readonly<Record<string, number>>;
  readonly statuses: Readonly<Record<string, number>>;
}

/** The path of methods, which all peers serve. */
export const PUT = "/probe.v1.ProbeService/Unary";
export const GET = "/probe.v1.OtherService/Ping";

/** What Gets are retried by, on all clients alike. */
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
} as const;

/** What a request asks of a server: to wait, and to send messages of this size. Its `action` has it as JSON. */
export interface Action {
  readonly sleepMs?: number;
  readonly bytes?: number;
  readonly messages?: number;
  readonly everyMs?: number;
}

/** The channel option with the {@link KeepalivePolicy}, as JSON. */
export const KEEPALIVE_OPTION = "accord.keepalive";

/** The channel option with the first window of streams, in bytes: grpc-js's own. */
export const WINDOW_OPTION = "grpc-node.flow_control_window";

/** How a channel finds out that connections are dead. Times are in milliseconds. */
export interface KeepalivePolicy {
  /**
   * How its questions are put:
   *
   * - `"off"`: not at all.
   * - `"spare"`: by PING as often as `askAfterMs` says, and otherwise by an empty SETTINGS.
   * - `"careful"`: by PING as long as no peer with default options takes it amiss; to peers that permit it, always.
   */
  readonly pings: "off" | "spare" | "careful";
  /** After how much silence a peer is asked while it has calls. */
  readonly askAfterMs: number;
  /** How long its answer may take, if nothing else comes meanwhile. */
  readonly answerMs: number;
  /** Whether peers are asked while they have no calls, too. */
  readonly whenIdle: boolean;
}

export const KEEPALIVE_OFF: KeepalivePolicy = {
  pings: "off",
  askAfterMs: Number.MAX_SAFE_INTEGER,
  answerMs: Number.MAX_SAFE_INTEGER,
  whenIdle: false,
};

// What the runtime does unless it is told otherwise, as the pages tell it. A test compares it with the runtime's sources.

/** The size of a message where the contract says nothing. */
export const DEFAULT_MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** How often a channel looks its target's name up although nothing is wrong. */
export const DNS_REFRESH_MS = 10_000;
/** How soon after a look-up a lost connection leads to another one. */
export const DNS_LEAST_INTERVAL_MS = 1_000;
/** After the end of the drain, how long the answers to calls that still ran have to get out. */
export const FORCED_STOP_MS = 200;

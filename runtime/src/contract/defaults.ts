/** What a message may have in bytes where nobody says: gRPC's own default. */
export const DEFAULT_MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** What a server does unless its contract or its options say otherwise. Times are in milliseconds. */
export const SERVER_DEFAULTS = {
  port: 50_051,
  /** How long calls may run on when the server drains. */
  drainMs: 35_000,
  /** The age at which a connection is closed, so that clients find new servers. */
  connectionAgeMs: 300_000,
  /** How long calls may run on on a connection past its age. */
  connectionAgeGraceMs: 30_000,
  /** How long a connection may have no calls. */
  connectionIdleMs: 60_000,
  /** How often a connection's peer is asked whether it is there, and how long it may take to answer. */
  keepaliveTimeMs: 30_000,
  keepaliveTimeoutMs: 10_000,
  /** How often peers may ping. */
  minPingIntervalMs: 1_000,
  /** How many calls a connection may have at a time. */
  concurrentStreams: 1_000,
  maxRequestBytes: DEFAULT_MAX_MESSAGE_BYTES,
  maxResponseBytes: DEFAULT_MAX_MESSAGE_BYTES,
  /** After the end of the drain, how long the answers to calls that still ran have to get out. */
  lastAnswersMs: 200,
} as const;

/** What a channel does unless it is told otherwise. Times are in milliseconds. */
export const CHANNEL_DEFAULTS = {
  /** How often a channel looks its target's name up although nothing is wrong. */
  dnsRefreshMs: 10_000,
  /** How soon after a look-up a lost connection leads to another one. */
  dnsLeastIntervalMs: 1_000,
  /** How often a server is pinged while there are calls, and how long it may take to answer. Servers that Accord generates permit it. */
  keepaliveTimeMs: 5_000,
  keepaliveTimeoutMs: 3_000,
  maxRequestBytes: DEFAULT_MAX_MESSAGE_BYTES,
  maxResponseBytes: DEFAULT_MAX_MESSAGE_BYTES,
  /** What an attempt to connect has, TLS and the peer's SETTINGS included. */
  connectTimeoutMs: 5_000,
} as const;

/** What setTimeout takes, in milliseconds: 24.8 days. Node takes anything longer for 1 ms. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Outlier detection (gRFC A50), where a contract says that there is some and not how. Times are in milliseconds, chances in
 * percent.
 */
export const OUTLIER_DEFAULTS = {
  intervalMs: 10_000,
  baseEjectionTimeMs: 30_000,
  maxEjectionTimeMs: 300_000,
  maxEjectionPercent: 10,
  successRate: { stdevFactor: 1_900, enforcementPercentage: 100, minimumHosts: 5, requestVolume: 100 },
  failurePercentage: { threshold: 85, enforcementPercentage: 100, minimumHosts: 5, requestVolume: 50 },
} as const;

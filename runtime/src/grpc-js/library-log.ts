import { channel } from "node:diagnostics_channel";
import { setLogger } from "@grpc/grpc-js";
import { lineText } from "../contract/line-text.js";
import { defaultLogger } from "../log/default-logger.js";
import { GuardedLogger } from "../log/guarded-logger.js";
import type { Logger } from "../log/logger.js";

type Severity = "error" | "info";

interface Said {
  readonly severity: Severity;
  readonly text: string;
}

// One for the process, which the ESM and the CommonJS copy of this package both find: grpc-js has one logger, the last that was set.
const said = channel("accord.grpc-js-log.v1");

// As grpc-js's own, but for what it quotes. It stands in while no server or channel has been made, and calls go elsewhere for good
// once the program sets a logger of its own.
setLogger({
  error: (...message: unknown[]) => publish("error", message[0]),
  info: (...message: unknown[]) => publish("info", message[0]),
  // What GRPC_TRACE asks for, and nothing else: whoever sets it wants to see the wire.
  debug: (...message: unknown[]) => console.error(`D ${message[0]}`, ...message.slice(1)),
});

function publish(severity: Severity, message: unknown): void {
  const text = withoutValues(String(message));
  if (said.hasSubscribers) {
    said.publish({ severity, text } satisfies Said);
  } else {
    console.error(`${severity === "error" ? "E" : "I"} ${text}`);
  }
}

interface Listener {
  readonly logger: WeakRef<Logger>;
  readonly isOver: () => boolean;
}

const listeners = new Set<Listener>();
let isListening = false;

/** Has the runtime's own logger told what {@link hearGrpcJs} tells, while nobody else listens. */
export function listenToGrpcJs(): void {
  if (!isListening) {
    isListening = true;
    said.subscribe((message) => tell(message as Said));
  }
}

/**
 * Has a logger told what grpc-js would write to stderr by itself: headers that it drops, connections refused for their pings. It
 * doesn't say which server or channel it means, so all loggers hear of it. The values of headers are left out.
 *
 * @param logger is held weakly: its server or channel holds it
 * @param isOver asked before it is told: channels are closed without anybody saying so
 * @returns what ends it
 */
export function hearGrpcJs(logger: Logger, isOver: () => boolean = () => false): () => void {
  listenToGrpcJs();
  living();
  const listener = { logger: new WeakRef(logger), isOver };
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** The loggers of what is still there. The others are forgotten. */
function living(): Set<Logger> {
  const loggers = new Set<Logger>();
  for (const listener of listeners) {
    const logger = listener.logger.deref();
    if (logger === undefined || listener.isOver()) {
      listeners.delete(listener);
    } else {
      loggers.add(logger);
    }
  }
  return loggers;
}

function listening(): Iterable<Logger> {
  const loggers = living();
  return loggers.size === 0 ? [defaultLogger()] : loggers;
}

/** Warns all who hear of grpc-js. */
export function warnOfGrpcJs(fields: Readonly<Record<string, unknown>>, event: string): void {
  for (const logger of listening()) {
    new GuardedLogger(logger).warn(fields, event);
  }
}

function tell({ severity, text }: Said): void {
  for (const logger of listening()) {
    // Not `error`: it is the peer's doing, or the network's, and grpc-js goes on.
    new GuardedLogger(logger)[severity === "error" ? "warn" : "info"]({ said: text }, `grpc_js.${severity}`);
  }
}

/** What grpc-js says that quotes no header: addresses, counts, its own options and OpenSSL's reasons. */
const QUOTES_NO_HEADER = [
  /^Connection to \S+ at \S+ rejected by server because of excess pings\. Increasing ping interval to \d+ ms$/,
  /^Failed to (?:set secure context|createSecureContext) with error /,
  /^Invalid value provided for grpc\.default_compression_algorithm option: /,
  /^(?:No|WARNING Only \d+) address(?:es)? added out of total \d+ /,
];

const LONGEST = 300;

/**
 * A message of grpc-js's without the values that it may quote. One that isn't known (a later version's) is cut at the first colon or
 * quote, where what it speaks of begins.
 */
export function withoutValues(message: string): string {
  const dropped = /^Failed to add metadata entry ([\w.-]{1,100}): /.exec(message);
  const text =
    dropped !== null
      ? `A header was dropped: the value of ${dropped[1]} has characters that metadata can't have`
      : QUOTES_NO_HEADER.some((known) => known.test(message))
        ? message
        : (/^[^:"'`]*/.exec(message)?.[0] ?? "");
  return lineText(text.slice(0, LONGEST));
}

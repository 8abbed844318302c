import { unawaited } from "../wire/unawaited.js";
import { connectorOf, type Subchannel } from "./private-names.js";

/** The channel option with the time that an attempt to connect has, in milliseconds. */
export const CONNECT_TIMEOUT_OPTION = "accord.connect_timeout_ms";

/**
 * Gives each attempt to connect a time: TCP, TLS and the peer's SETTINGS together.
 *
 * grpc-js has no timer there. In a partition the kernel decides how long an attempt takes, and goes on about it for two minutes, at
 * growing intervals; a peer that accepts and says nothing keeps a subchannel in CONNECTING for ever, also when another server
 * has long taken its place. An attempt that has had its time fails, with its socket, as one that is refused does: the next
 * address is tried, and this one again after its backoff, which counts from the attempt's beginning.
 */
export function limitConnecting(subchannel: Subchannel): void {
  const connector = connectorOf(subchannel);
  const connect = connector?.connect?.bind(connector);
  if (connector === undefined || connect === undefined) {
    return;
  }
  connector.connect = (address, secureConnector, options) => {
    const timeoutMs = Number(options[CONNECT_TIMEOUT_OPTION]);
    if (!Number.isFinite(timeoutMs)) {
      return connect(address, secureConnector, options);
    }
    const abort = new AbortController();
    // `net.connect` takes a signal that destroys the socket, at whatever stage it is.
    const attempt = connect({ ...address, signal: abort.signal }, secureConnector, options);
    return within(timeoutMs, attempt, () => {
      abort.abort();
      // A proxy's socket doesn't know of the signal.
      unawaited(attempt.then((transport) => transport.shutdown()));
      return new Error(
        `no connection to ${subchannel.getAddress()} within ${timeoutMs} ms, with TLS and the peer's SETTINGS`,
      );
    });
  };
}

// A process that stands still, as one that encodes thousands of requests does, takes a part of the time and no more.
const PARTS = 10;

/** Gives an attempt its time in parts, after each of which what has come is read. */
function within<T>(timeoutMs: number, attempt: Promise<T>, giveUp: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    let timer: NodeJS.Timeout | undefined;
    const wait = (parts: number): void => {
      if (parts === 0 && !isOver) {
        reject(giveUp());
      } else if (!isOver) {
        timer = setTimeout(() => setImmediate(wait, parts - 1), timeoutMs / PARTS).unref();
      }
    };
    wait(PARTS);
    attempt.then(resolve, reject).finally(() => {
      isOver = true;
      clearTimeout(timer);
    });
  });
}

import { processWide } from "../wire/process-wide.js";
import { type Subchannel, transportOf } from "./private-names.js";

const known = processWide("knownConnections.v1", () => new WeakSet<Subchannel>());
const subchannels = processWide("connections.v1", () => new Set<WeakRef<Subchannel>>());

/** Has a connection known by its address, as long as it is there. */
export function rememberConnection(subchannel: Subchannel): void {
  if (known.has(subchannel)) {
    return;
  }
  known.add(subchannel);
  for (const each of subchannels) {
    if (each.deref() === undefined) {
      subchannels.delete(each);
    }
  }
  subchannels.add(new WeakRef(subchannel));
}

/**
 * What a call may have waited for whose deadline has passed: for a place on its connection, of which the server has set the number
 * (HTTP/2's SETTINGS_MAX_CONCURRENT_STREAMS). Node keeps a further call back, and nobody says so.
 *
 * @param details what grpc-js says of the call, which names the address
 * @returns the end of a sentence; `undefined` if there were places
 */
export function streamLimitReached(details: string): string | undefined {
  const address = /\bremote_addr=(?<address>[^,\s]+)/.exec(details)?.groups?.address;
  if (address === undefined) {
    return undefined;
  }
  for (const each of subchannels) {
    const subchannel = each.deref();
    const { session, activeCalls } = (subchannel && transportOf(subchannel)) ?? {};
    const limit = session?.remoteSettings?.maxConcurrentStreams;
    const isFull = limit !== undefined && activeCalls !== undefined && activeCalls.size >= limit;
    if (isFull && subchannel?.getAddress() === address) {
      return `its connection has ${activeCalls.size} calls, and the server allows ${limit} at a time: further calls wait (its max_concurrent_streams)`;
    }
  }
  return undefined;
}

import { isIP } from "node:net";
import type { ChannelInterface } from "@grpc/grpc-js";
import { type HostPort, hostPort } from "../wire/host-port.js";
import { REFRESHING_SCHEME } from "./refreshing-resolver.js";

/** Where a channel leads, as its user wrote it. */
export interface ChannelTarget {
  /** With its scheme: `dns:///ledger:50051`. */
  readonly target: string;
  /** What the server is called; `undefined` for schemes that name none, or several. */
  readonly server: HostPort | undefined;
}

const targets = new WeakMap<ChannelInterface, ChannelTarget>();

/** Says where a channel leads. Schemes that the runtime put there itself don't show. */
export function channelTarget(channel: ChannelInterface): ChannelTarget {
  let known = targets.get(channel);
  if (known === undefined) {
    known = parse(channel.getTarget());
    targets.set(channel, known);
  }
  return known;
}

/** Whether a target's addresses are found out, as those of a name are, rather than written in it. */
export function isLookedUp(target: string): boolean {
  const { scheme, endpoint } = partsOf(target);
  switch (scheme) {
    case "unix":
    case "unix-abstract":
    case "ipv4":
    case "ipv6":
      return false;
    case undefined:
    case "dns":
      return isIP(hostPort(endpoint).host) === 0;
    default:
      // `localhost:50051`, too, and whatever resolver somebody has registered.
      return true;
  }
}

function partsOf(target: string): { readonly scheme: string | undefined; readonly endpoint: string } {
  const parts = /^(?:(?<scheme>[a-z][a-z0-9+.-]*):(?:\/\/[^/]*\/)?)?(?<endpoint>.*)$/i.exec(target)?.groups;
  return { scheme: parts?.scheme, endpoint: parts?.endpoint ?? target };
}

function parse(grpcTarget: string): ChannelTarget {
  const target = grpcTarget.startsWith(`${REFRESHING_SCHEME}:`)
    ? `dns${grpcTarget.slice(REFRESHING_SCHEME.length)}`
    : grpcTarget;
  const { scheme, endpoint } = partsOf(target);
  switch (scheme) {
    case "unix":
    case "unix-abstract":
      return { target, server: { host: endpoint, port: undefined } };
    case "ipv4":
    case "ipv6":
      // Of several, which one answers is known when a call has ended.
      return { target, server: endpoint.includes(",") ? undefined : hostPort(endpoint) };
    case "dns":
      return { target, server: hostPort(endpoint) };
    default:
      return { target, server: undefined };
  }
}

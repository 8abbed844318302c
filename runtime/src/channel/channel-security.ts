import type { ChannelCredentials, ChannelInterface } from "@grpc/grpc-js";
import { channelTarget } from "../grpc-js/channel-target.js";
import { hostPort } from "../wire/host-port.js";

interface Security {
  readonly encrypted: boolean;
  readonly plaintextCredentials: boolean;
}

const securities = new WeakMap<ChannelInterface, Security>();

/** Remembers how a channel's connections are secured. */
export function rememberSecurity(channel: ChannelInterface, security: Security): void {
  securities.set(channel, security);
}

/**
 * Why a channel must not carry credentials such as bearer tokens; `undefined` if it may.
 *
 * It may if its connections are encrypted, never leave the machine, or its maker said that plaintext will do. grpc-js itself
 * sends a call's credentials over any connection.
 */
export function credentialsRefusal(channel: ChannelInterface): string | undefined {
  const { encrypted, plaintextCredentials } = securities.get(channel) ?? foreignSecurity(channel);
  if (encrypted || plaintextCredentials || isLocal(channel)) {
    return undefined;
  }
  return (
    `The call's credentials aren't sent to ${channelTarget(channel).target}, since the connection isn't encrypted. ` +
    "Open the channel with TLS, or with `plaintextCredentials: true` if the network encrypts"
  );
}

// A channel that grpc-js made without `buildChannel`: its credentials can be seen, if not by its type.
function foreignSecurity(channel: ChannelInterface): Security {
  const { internalChannel } = channel as { readonly internalChannel?: { readonly credentials?: ChannelCredentials } };
  return { encrypted: internalChannel?.credentials?._isSecure() ?? false, plaintextCredentials: false };
}

function isLocal(channel: ChannelInterface): boolean {
  const { target, server } = channelTarget(channel);
  // Of a list of addresses, any may be the one that is called.
  const listed = /^ipv[46]:(?<list>.*)$/
    .exec(target)
    ?.groups?.list?.split(",")
    .map((address) => hostPort(address).host);
  const hosts = listed ?? (server === undefined ? [] : [server.host]);
  return /^unix(-abstract)?:/.test(target) || (hosts.length > 0 && hosts.every((host) => LOCAL.test(host)));
}

const LOCAL = /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|::1)$/i;

import type { ChannelInterface } from "@grpc/grpc-js";
import { tellMissing } from "./known-grpc-js.js";
import { insideChannel, isSecure, PRIVATE_NAMES } from "./private-names.js";

/** Whether the connections of a channel are encrypted that grpc-js made by itself: its type doesn't show its credentials. */
export function encrypts(channel: ChannelInterface): boolean {
  const { internalChannel } = insideChannel(channel);
  if (internalChannel?.credentials === undefined) {
    tellMissing([internalChannel === undefined ? PRIVATE_NAMES.internalChannel : PRIVATE_NAMES.channelCredentials]);
  }
  return isSecure(internalChannel?.credentials) ?? false;
}

// What a test bundles together with a grpc-js in which something is called otherwise.

import { CallCredentials, Channel, credentials, Metadata } from "@grpc/grpc-js";

export { insecureChannel, probeClient } from "./probe-client.js";

/** A channel that grpc-js has opened by itself. */
export function foreignChannel(target: string): Channel {
  return new Channel(target, credentials.createInsecure(), {});
}

/** Credentials of a call. */
export function callCredentials(): CallCredentials {
  return CallCredentials.createFromMetadataGenerator((_options, done) => done(null, new Metadata()));
}

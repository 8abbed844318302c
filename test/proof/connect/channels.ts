import { type Channel, type ChannelInit, tlsChannelCredentials } from "@accord-grpc/runtime";
import { compressionAlgorithms, credentials } from "@grpc/grpc-js";
import { buildConformanceV1Channel } from "../gen/connect/connectrpc/conformance/v1/channel.js";
import type { ClientCompatRequest } from "../gen/connect/connectrpc/conformance/v1/client_compat_pb.js";
import { Compression } from "../gen/connect/connectrpc/conformance/v1/config_pb.js";
import { programLogger } from "../program-logger.js";

const channels = new Map<string, Channel>();

/** The channel that a call of the suite asks for: one for each server, and way of talking to it. */
export function channelFor(request: ClientCompatRequest): Channel {
  const { host, port, compression, messageReceiveLimit, serverTlsCert, clientTlsCreds } = request;
  const target = `${host}:${port}`;
  const isTls = serverTlsCert.byteLength > 0;
  const key = [target, compression, messageReceiveLimit, isTls, clientTlsCreds !== undefined].join();
  let channel = channels.get(key);
  if (channel === undefined) {
    const extraOptions = {
      "grpc.default_compression_algorithm": COMPRESSIONS[compression] ?? compressionAlgorithms.identity,
      ...(messageReceiveLimit > 0 ? { "grpc.max_receive_message_length": messageReceiveLimit } : undefined),
    };
    const credentials = channelCredentials(request);
    // stdout is the suite's.
    channel = buildConformanceV1Channel(target, { credentials, extraOptions, logger: programLogger });
    channels.set(key, channel);
  }
  return channel;
}

/** Closes them all. */
export function closeChannels(): void {
  for (const channel of channels.values()) {
    channel.close();
  }
}

const COMPRESSIONS: Readonly<Record<number, compressionAlgorithms>> = {
  [Compression.GZIP]: compressionAlgorithms.gzip,
  [Compression.DEFLATE]: compressionAlgorithms.deflate,
};

function channelCredentials({ serverTlsCert, clientTlsCreds }: ClientCompatRequest): ChannelInit["credentials"] {
  if (serverTlsCert.byteLength === 0) {
    return credentials.createInsecure();
  }
  const own = clientTlsCreds === undefined ? undefined : { certificate: clientTlsCreds.cert, key: clientTlsCreds.key };
  return tlsChannelCredentials({ ca: serverTlsCert, ...own, logger: programLogger });
}

import { credentials } from "@grpc/grpc-js";
import { buildChannel, type Channel, type ChannelInit } from "../src/channel/channel.js";
import { bindClient } from "../src/client/bind-client.js";
import type { ClientMethodPolicy } from "../src/client/client-method.js";
import type { ClientOptions } from "../src/client/client-options.js";
import type { ServiceConfig } from "../src/wire/service-config.js";
import { ProbeService } from "./gen/probe/v1/probe_pb.js";
import { DuplicateRequestError, InsufficientFundsError, PROBE_ERROR_MAP } from "./probe-errors.js";
import { PROBE_CODECS, type ProbeCodecs } from "./probe-service.js";

/** A client of the probe service, as the plugin would generate it. */
export function probeClient(
  channel: Channel,
  options: ClientOptions = {},
  policy: Partial<ClientMethodPolicy<InsufficientFundsError | DuplicateRequestError>> = {},
  codecs: ProbeCodecs = PROBE_CODECS,
) {
  const client = bindClient(ProbeService, PROBE_ERROR_MAP, channel, options);
  const contract = {
    ...codecs,
    raises: [InsufficientFundsError, DuplicateRequestError],
    timeoutMs: 10_000,
    ...policy,
  };
  return {
    unary: client.unary(ProbeService.method.unary, contract),
    clientStream: client.clientStreaming(ProbeService.method.clientStream, contract),
    serverStream: client.serverStreaming(ProbeService.method.serverStream, contract),
    bidiStream: client.bidiStreaming(ProbeService.method.bidiStream, contract),
  };
}

export type ProbeClient = ReturnType<typeof probeClient>;

/** A channel without credentials, whose connections no other channel of the process has: ports are used again. */
export function insecureChannel(target: string, config: ServiceConfig = {}, init: Partial<ChannelInit> = {}): Channel {
  return buildChannel(target, config, {
    credentials: credentials.createInsecure(),
    ...init,
    extraOptions: { "grpc.use_local_subchannel_pool": 1, ...init.extraOptions },
  });
}

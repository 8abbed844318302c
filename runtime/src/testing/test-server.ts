import { ChannelCredentials } from "@grpc/grpc-js";
import { buildChannel, type Channel, type ChannelInit } from "../channel/channel.js";
import { CHANNEL_RULES, channelCredentials } from "../channel/channel-option-rules.js";
import { checkOptions, group } from "../options/check-options.js";
import { type OptionRules, rule } from "../options/option-rule.js";
import type { BoundService } from "../server/bind-service.js";
import { createServer, type GrpcServer, type ServerOptions } from "../server/server.js";
import { SERVER_RULES } from "../server/server-option-checks.js";
import type { ServiceConfig } from "../wire/service-config.js";
import { silentLogger } from "./call-context.js";

/** How a test server differs from a real one: it logs nothing, heeds no signals and drains for one second at the most. */
export interface TestServerOptions extends ServerOptions {
  /** The service config of {@link TestServer.channel}: a package's own, if retries are to be tested. Default: none. */
  readonly serviceConfig?: ServiceConfig;
  /** How {@link TestServer.channel} is opened. */
  readonly channel?: Partial<ChannelInit>;
}

const TEST_SERVER_RULES: OptionRules<TestServerOptions> = {
  ...SERVER_RULES,
  serviceConfig: rule("a service config", (value) => typeof value === "object"),
  channel: group({ ...CHANNEL_RULES, credentials: channelCredentials }),
};

/** A server that listens on a free port of 127.0.0.1, and a channel to it, with a connection of its own. */
export interface TestServer {
  readonly server: GrpcServer;
  /** `127.0.0.1:41233`: a target for channels of one's own. */
  readonly address: string;
  readonly channel: Channel;
  /** Closes the channel and ends the server. */
  close(): Promise<void>;
}

/**
 * Starts a server for a test, with real sockets.
 *
 * @throws {Error} as `createServer` and `start` do
 */
export async function startTestServer(
  services: readonly BoundService[],
  options: TestServerOptions = {},
): Promise<TestServer> {
  checkOptions("Can't start the test server", options, TEST_SERVER_RULES);
  const { serviceConfig = {}, channel: channelInit, ...serverOptions } = options;
  const server = createServer(services, {
    logger: silentLogger,
    handleSignals: false,
    drainMs: 1000,
    ...serverOptions,
  });
  const { address } = await server.start("127.0.0.1:0");
  const channel = buildChannel(address, serviceConfig, {
    credentials: ChannelCredentials.createInsecure(),
    ...channelInit,
    // Ports are given again: without it, a test may get the connection, or the wait for one, of a test before.
    extraOptions: { "grpc.use_local_subchannel_pool": 1, ...channelInit?.extraOptions },
  });
  return {
    server,
    address,
    channel,
    close: async () => {
      channel.close();
      await server.drain("test");
    },
  };
}

import { credentials } from "@grpc/grpc-js";
import { afterEach, expect, it } from "vitest";
import { probeClient } from "../../test-support/probe-client.js";
import { bindProbe } from "../../test-support/probe-service.js";
import { buildChannel, type Channel } from "../channel/channel.js";
import { startTestServer, type TestServer } from "./test-server.js";

const close: (() => unknown)[] = [];

afterEach(async () => {
  for (const each of close.splice(0).reverse()) {
    await each();
  }
});

async function start(): Promise<TestServer> {
  const started = await startTestServer([bindProbe({ unary: (_request, { peer }) => ({ id: peer }) })]);
  close.push(() => started.close());
  return started;
}

/** What the server answers: the socket that the channel's calls come from, say. */
async function answerOn(channel: Channel): Promise<string> {
  return (await probeClient(channel).unary({}, { timeoutMs: 10_000 })).id;
}

it("has a connection that no other channel to the same address shares", async () => {
  const { address, channel } = await start();
  const init = { credentials: credentials.createInsecure() };
  const others = [buildChannel(address, {}, init), buildChannel(address, {}, init)];
  close.push(...others.map((other) => () => other.close()));
  const [own, ...shared] = await Promise.all([channel, ...others].map(answerOn));
  expect(shared).not.toContain(own);
});

it("can be given options of grpc-js besides", async () => {
  const agentOf = bindProbe({
    unary: (_request, context) => ({ id: String(context.requestMetadata.get("user-agent")) }),
  });
  const { channel, close: end } = await startTestServer([agentOf], {
    channel: { extraOptions: { "grpc.primary_user_agent": "a-test" } },
  });
  close.push(end);
  expect(await answerOn(channel)).toContain("a-test");
});

import { afterEach, describe, expect, it } from "vitest";
import { probeClient } from "../../test-support/probe-client.js";
import { servicerOf } from "../../test-support/probe-kinds.js";
import { bindProbe } from "../../test-support/probe-service.js";
import type { LogPolicy } from "../call/log-policy.js";
import { MemoryLogger, startTestServer, type TestServer, type TestServerOptions } from "../testing/index.js";
import { createServer } from "./server.js";

let server: TestServer | undefined;
const logger = new MemoryLogger();

afterEach(async () => {
  logger.lines.length = 0;
  await server?.close();
});

async function linesOf(options: TestServerOptions, calls: readonly string[] = ["a"]): Promise<string[]> {
  const servicer = servicerOf(({ id }) => {
    if (id === "bad") {
      throw new Error("bad");
    }
    return { id };
  });
  server = await startTestServer([bindProbe(servicer)], { logger, ...options });
  const client = probeClient(server.channel);
  for (const id of calls) {
    await client.unary({ id }).catch(() => {});
  }
  await server.server.drain();
  return logger.lines
    .filter(({ message }) => message.startsWith("unary."))
    .map(({ level, message, fields }) => `${level} ${message}${"payload" in fields ? " with payload" : ""}`);
}

const NAMES = ["probe.v1.ProbeService", "probe.v1.ProbeService/Unary"] as const;

describe("a server's options", () => {
  it("say how all calls are logged", async () => {
    expect(await linesOf({ logPolicy: { payload: false, level: "debug" } })).toEqual([
      "debug unary.request",
      "debug unary.response",
    ]);
  });

  it.each(NAMES)("say it of %s alone, over what they say of all", async (name) => {
    const options = {
      logPolicy: { lines: "response" },
      logPolicies: { [name]: { lines: "both", payload: false } },
    } as const;
    expect(await linesOf(options)).toEqual(["info unary.request", "info unary.response"]);
  });

  it("say it of a method over what they say of its service, field by field", async () => {
    const [service, method] = NAMES;
    const options = {
      logPolicies: { [service]: { payload: false, level: "warn" }, [method]: { payload: true } },
    } as const;
    expect(await linesOf(options)).toEqual(["warn unary.request with payload", "warn unary.response with payload"]);
  });

  it("sample what ends well; what fails has all of its lines", async () => {
    expect(await linesOf({ logPolicy: { sampleOneIn: 2 } }, ["a", "b", "bad", "bad", "c", "d"])).toEqual([
      ...["info unary.request with payload", "info unary.response with payload"],
      ...["info unary.request with payload", "error unary.response"],
      ...["info unary.request with payload", "error unary.response"],
      ...["info unary.request with payload", "info unary.response with payload"],
    ]);
  });

  it.each(["probe.v1.ProbeServce", "probe.v1.ProbeService/Unari", "grpc.health.v1.Health"])("can't name %s", (name) => {
    const bound = [bindProbe(servicerOf(() => ({})))];
    expect(() => createServer(bound, { logPolicies: { [name]: {} } })).toThrow(TypeError);
    expect(() => createServer(bound, { logPolicies: { [name]: {} } })).toThrow(`logPolicies has "${name}"`);
  });

  it.each<[unknown, RegExp]>([
    [{ payload: "no" }, /payload must be true or false/],
    [{ lines: "one" }, /lines must be/],
    [{ sampleOneIn: 0 }, /sampleOneIn must be a whole number of calls from 1/],
    [{ sampleOneIn: Number.NaN }, /sampleOneIn must be/],
    [{ level: "loud" }, /level must be/],
    [{ levle: "debug" }, /levle/],
  ])("must be a policy: %j", (policy, message) => {
    const bound = [bindProbe(servicerOf(() => ({})))];
    expect(() => createServer(bound, { logPolicy: policy as LogPolicy })).toThrow(message);
    const byName = { "probe.v1.ProbeService": policy as LogPolicy };
    expect(() => createServer(bound, { logPolicies: byName })).toThrow(message);
  });
});

import { startTestServer, type TestServer } from "@accord-grpc/runtime/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GreetServiceClient as ReflectClient } from "../golden/reflect/gen/greet/v1/greet_client.js";
import { bindGreetService as bindReflect } from "../golden/reflect/gen/greet/v1/greet_servicer.js";
import { GreetServiceClient as StaticClient } from "../golden/unannotated/gen/greet/v1/greet_client.js";
import {
  bindGreetService as bindStatic,
  type GreetServiceServicer,
} from "../golden/unannotated/gen/greet/v1/greet_servicer.js";

// What `codec=static` and `codec=reflect` generate of one contract, each against each: they speak the same bytes.

const OPTIONS = { timeoutMs: 60_000 };

const servicer: GreetServiceServicer = {
  greet: async ({ name }) => ({ greeting: `Hello ${name}` }),
  async greetAll(requests) {
    const names: string[] = [];
    for await (const { name } of requests) {
      names.push(name);
    }
    return { greeting: names.join() };
  },
  async *greetAgain({ name }) {
    yield { greeting: name };
    yield { greeting: `${name} again` };
  },
  async *chat(requests) {
    for await (const { name } of requests) {
      yield { greeting: `${name}!` };
    }
  },
};

async function* names(): AsyncGenerator<{ name: string }> {
  yield { name: "Ada" };
  yield { name: "Grüße, 🙂" };
}

async function greetings(responses: AsyncIterable<{ readonly greeting: string }>): Promise<string[]> {
  const all: string[] = [];
  for await (const { greeting } of responses) {
    all.push(greeting);
  }
  return all;
}

describe.each([
  ["static", bindStatic, "static", StaticClient],
  ["static", bindStatic, "reflect", ReflectClient],
  ["reflect", bindReflect, "static", StaticClient],
  ["reflect", bindReflect, "reflect", ReflectClient],
] as const)("a servicer with codec=%s", (_, bind, option, Client) => {
  let server: TestServer;
  let client: InstanceType<typeof Client>;

  beforeAll(async () => {
    server = await startTestServer([bind(servicer)]);
    client = new Client(server.channel);
  });
  afterAll(() => server.close());

  test(`and a client with codec=${option} make calls of all four kinds`, async () => {
    expect((await client.greet({ name: "Ada" }, OPTIONS)).greeting).toBe("Hello Ada");
    expect((await client.greet({}, OPTIONS)).greeting).toBe("Hello ");
    expect((await client.greetAll(names(), OPTIONS)).greeting).toBe("Ada,Grüße, 🙂");
    expect(await greetings(client.greetAgain({ name: "Ada" }, OPTIONS))).toEqual(["Ada", "Ada again"]);
    expect(await greetings(client.chat(names(), OPTIONS))).toEqual(["Ada!", "Grüße, 🙂!"]);
  });
});

import { status as GrpcStatus, Metadata } from "@grpc/grpc-js";
import { afterEach, describe, expect, expectTypeOf, it } from "vitest";
import { probeClient } from "../../test-support/probe-client.js";
import { callOnce, KINDS, servicerOf } from "../../test-support/probe-kinds.js";
import { bindProbe, type ProbeServicer, TooLowError } from "../../test-support/probe-service.js";
import type { AuthRequirement } from "../call/servicer-method.js";
import { bearerToken } from "../client/bearer-token.js";
import { MemoryLogger, startTestServer, type TestServer } from "../testing/index.js";
import { bearerAuth, bearerTokenOf } from "./bearer-auth.js";
import type { Identity } from "./identity.js";

interface User extends Identity {
  readonly tenant: string;
}

const users = new Map<string, User>([
  ["ada-token", { subject: "ada", tenant: "acme", scopes: ["write"] }],
  ["bob-token", { subject: "bob", tenant: "globex" }],
]);

let server: TestServer;
let logger: MemoryLogger;
let asked: string[];

afterEach(() => server.close());

const auth = bearerAuth<User>(async (token) => {
  asked.push(token);
  if (token === "unlucky") {
    throw new Error("the keys can't be fetched");
  }
  if (token === "declared") {
    throw new TooLowError({ balance: "0" });
  }
  return users.get(token);
});

async function serve(servicer: ProbeServicer, requirement?: AuthRequirement): Promise<void> {
  asked = [];
  logger = new MemoryLogger();
  const policy = requirement && { auth: requirement };
  const policies = policy && { unary: policy, clientStream: policy, serverStream: policy, bidiStream: policy };
  server = await startTestServer([bindProbe(servicer, policies && { policies })], { auth: auth.verifier, logger });
}

describe.each(KINDS)("%s", (kind) => {
  const tenantOf = servicerOf((_request, context) => {
    const caller = auth.caller(context);
    expectTypeOf(caller).toEqualTypeOf<User>();
    return { id: `${caller.subject} of ${caller.tenant}` };
  });

  it("hands the token's owner to the handler, typed", async () => {
    await serve(tenantOf, { requirement: "required" });
    const client = probeClient(server.channel, { credentials: bearerToken("ada-token") });
    expect((await callOnce(client, kind)).id).toBe("ada of acme");
    const asBob = { credentials: bearerToken("bob-token") };
    expect((await callOnce(client, kind, {}, asBob)).id).toBe("bob of globex");
    expect(asked).toEqual(["ada-token", "bob-token"]);
  });

  it("answers UNAUTHENTICATED without a good token, and runs no handler", async () => {
    let ran = false;
    await serve(
      servicerOf(() => {
        ran = true;
        return {};
      }),
      { requirement: "required" },
    );
    const client = probeClient(server.channel);
    await expect(callOnce(client, kind)).rejects.toMatchObject({ status: GrpcStatus.UNAUTHENTICATED });
    const stolen = { credentials: bearerToken("nobodys-token") };
    await expect(callOnce(client, kind, {}, stolen)).rejects.toMatchObject({
      status: GrpcStatus.UNAUTHENTICATED,
      message: "This call needs valid credentials",
    });
    expect(asked).toEqual(["nobodys-token"]);
    expect(ran).toBe(false);
    await expect
      .poll(() => logger.lines.filter(({ message }) => message.startsWith(`${kind}.`)).map(({ message }) => message))
      .toEqual([`${kind}.request`, `${kind}.response`, `${kind}.request`, `${kind}.response`]);
    expect(JSON.stringify(logger.lines.map(({ fields }) => fields))).not.toContain("nobodys-token");
  });

  it("answers PERMISSION_DENIED without the scopes", async () => {
    await serve(tenantOf, { requirement: "required", scopes: ["write"] });
    const client = probeClient(server.channel, { credentials: bearerToken("bob-token") });
    await expect(callOnce(client, kind)).rejects.toMatchObject({ status: GrpcStatus.PERMISSION_DENIED });
    expect((await callOnce(client, kind, {}, { credentials: bearerToken("ada-token") })).id).toBe("ada of acme");
  });

  it("lets anonymous calls through where auth is optional", async () => {
    await serve(
      servicerOf((_request, { values }) => ({ id: values.get(auth.key)?.subject ?? "anonymous" })),
      { requirement: "optional" },
    );
    const client = probeClient(server.channel);
    expect((await callOnce(client, kind)).id).toBe("anonymous");
    expect((await callOnce(client, kind, {}, { credentials: bearerToken("ada-token") })).id).toBe("ada");
  });

  it("treats what the verifier throws as if the handler had thrown it", async () => {
    await serve(tenantOf, { requirement: "required" });
    const client = probeClient(server.channel);
    await expect(callOnce(client, kind, {}, { credentials: bearerToken("unlucky") })).rejects.toMatchObject({
      status: GrpcStatus.INTERNAL,
      message: expect.stringMatching(/^Internal error \(error id/),
    });
    await expect(callOnce(client, kind, {}, { credentials: bearerToken("declared") })).rejects.toMatchObject({
      status: GrpcStatus.FAILED_PRECONDITION,
    });
  });
});

it("says where a handler wants a caller that its contract doesn't require", async () => {
  await serve(servicerOf((_request, context) => ({ id: auth.caller(context).subject })));
  await expect(probeClient(server.channel).unary({})).rejects.toMatchObject({ status: GrpcStatus.INTERNAL });
  await expect
    .poll(() => logger.lines.find(({ message }) => message === "unary.response")?.fields.err)
    .toMatchObject({ message: expect.stringContaining("its contract doesn't require auth") });
});

it.each([
  [["Bearer abc.DEF-_~+/9=="], "abc.DEF-_~+/9=="],
  [["bearer abc"], "abc"],
  [["Bearer"], undefined],
  [["Bearer "], undefined],
  [["Basic abc"], undefined],
  [["Bearer a b"], undefined],
  [["Bearer abc", "Bearer def"], undefined],
  [[], undefined],
])("reads %j as the token %s", (values, expected) => {
  server = { close: async () => {} } as unknown as TestServer;
  const metadata = new Metadata();
  for (const value of values) {
    metadata.add("authorization", value);
  }
  expect(bearerTokenOf(metadata)).toBe(expected);
});

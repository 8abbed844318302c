import { setImmediate } from "node:timers/promises";
import { status as GrpcStatus } from "@grpc/grpc-js";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { anyValue, oddPromises, oddValues } from "../../test-support/hostile-values.js";
import { probeClient } from "../../test-support/probe-client.js";
import { callOnce, KINDS, type Kind, servicerOf } from "../../test-support/probe-kinds.js";
import { bindProbe, TooLowError } from "../../test-support/probe-service.js";
import { createContextValues } from "../call/context-values.js";
import type { AuthRequirement } from "../call/servicer-method.js";
import { bearerToken } from "../client/bearer-token.js";
import { createCallContext, MemoryLogger, startTestServer, type TestServer } from "../testing/index.js";
import { bearerAuth } from "./bearer-auth.js";
import { caller, identityKey } from "./identity.js";

let server: TestServer;
let logger: MemoryLogger;
let answer: unknown;
let ran: boolean;

const REQUIREMENTS = {
  required: { requirement: "required" },
  "required with scopes": { requirement: "required", scopes: ["write", "read"] },
  optional: { requirement: "optional" },
} as const satisfies Record<string, AuthRequirement>;

// As a typed verifier whose data isn't what its types say.
const auth = bearerAuth(() => answer as undefined);

async function serve(requirement: AuthRequirement): Promise<void> {
  logger = new MemoryLogger();
  const policy = { auth: requirement };
  const servicer = servicerOf((_request, { values }) => {
    ran = true;
    return { id: values.get(identityKey)?.subject ?? "anonymous" };
  });
  const binding = {
    policies: { unary: policy, clientStream: policy, serverStream: policy, bidiStream: policy },
  };
  server = await startTestServer([bindProbe(servicer, binding)], {
    auth: auth.verifier,
    logger,
    // What a verifier answers is no error of the handler's, and nothing is made of it.
    errors: [[Error, () => new TooLowError({ balance: "0" })]],
  });
}

interface Ending {
  readonly status: number;
  readonly id: string | undefined;
  readonly ran: boolean;
  readonly errorId: boolean;
}

/** How a call of a kind ends whose verifier answers with a value. */
async function endingOf(kind: Kind, value: unknown): Promise<Ending> {
  answer = value;
  ran = false;
  logger.lines.splice(0);
  const client = probeClient(server.channel, { credentials: bearerToken("a-token") });
  const call = callOnce(client, kind).then(
    ({ id }) => ({ status: GrpcStatus.OK, id, message: "" }),
    (error: { status: number; message: string }) => ({ status: error.status, id: undefined, message: error.message }),
  );
  const { status, id, message } = await call;
  const response = () => logger.lines.find((line) => line.message === `${kind}.response`);
  while (response() === undefined) {
    await setImmediate();
  }
  const logged = response()?.fields.error_id;
  return { status, id, ran, errorId: typeof logged === "string" && message.includes(logged) };
}

const fault: Ending = { status: GrpcStatus.INTERNAL, id: undefined, ran: false, errorId: true };
const refused = (status: number): Ending => ({ status, id: undefined, ran: false, errorId: false });
const served = (id: string): Ending => ({ status: GrpcStatus.OK, id, ran: true, errorId: false });

describe.each(KINDS)("%s", (kind) => {
  describe.each(Object.entries(REQUIREMENTS))("%s", (_name, requirement: AuthRequirement) => {
    beforeEach(() => serve(requirement));
    afterEach(() => server.close());

    const nobody = requirement.requirement === "required" ? refused(GrpcStatus.UNAUTHENTICATED) : served("anonymous");
    const expected = (value: unknown): Ending => (value === undefined || value === null ? nobody : fault);

    it("lets nobody in by an answer that is no identity", async () => {
      for (const value of oddValues()) {
        expect(await endingOf(kind, value), `answer of type ${typeof value}`).toEqual(expected(value));
      }
      for (const value of oddPromises()) {
        expect(await endingOf(kind, value)).toMatchObject({ ran: false, id: undefined });
      }
    });

    it("lets nobody in by any value whatever", async () => {
      await fc.assert(
        fc.asyncProperty(anyValue, async (value) => {
          fc.pre(!looksLikeIdentity(value));
          expect(await endingOf(kind, value)).toEqual(expected(value));
          const later = (async () => value)();
          later.catch(() => {});
          expect(await endingOf(kind, later)).toMatchObject({ ran: expected(value).ran });
        }),
        { numRuns: 20 },
      );
    });

    it("judges subjects and scopes by what they are", async () => {
      const good = served("ada");
      const denied = requirement.scopes === undefined ? good : refused(GrpcStatus.PERMISSION_DENIED);
      const table: readonly (readonly [answer: unknown, Ending])[] = [
        [{ subject: "ada", scopes: ["read", "write"] }, good],
        [Object.freeze({ subject: "ada", scopes: ["read", "x", "write"], claims: null }), good],
        [Object.assign(Object.create({ subject: "ada" }), { scopes: ["read", "write"] }), good],
        [{ subject: "ada" }, denied],
        [{ subject: "ada", scopes: null }, denied],
        [{ subject: "ada", scopes: [] }, denied],
        [{ subject: "ada", scopes: ["write"] }, denied],
        [{ subject: "ada", scopes: ["read write"] }, denied],
        // OAuth's `scope` is one string, in which `includes` finds what nobody has given.
        [{ subject: "ada", scopes: "read write" }, fault],
        [{ subject: "ada", scopes: "readwrite" }, fault],
        [{ subject: "ada", scopes: new Set(["read", "write"]) }, fault],
        [{ subject: "ada", scopes: { includes: () => true } }, fault],
        [{ subject: "ada", scopes: ["read", "write", 1] }, fault],
        [{ subject: "ada", scopes: [["read"], "write"] }, fault],
        [{ subject: "ada", scopes: new Array(2) }, fault],
        [{ subject: "ada", scopes: Object.assign([], { includes: () => true }) }, denied],
        [{ subject: "" }, fault],
        [{ subject: 7 }, fault],
        [{ subject: new String("ada") }, fault],
        [{ subject: ["ada"] }, fault],
        [Object.assign(["ada"], { subject: "ada", scopes: ["read", "write"] }), fault],
        [Object.assign(() => {}, { subject: "ada", scopes: ["read", "write"] }), fault],
      ];
      for (const [value, ending] of table) {
        expect(await endingOf(kind, value), JSON.stringify(value)).toEqual(ending);
      }
    });
  });
});

it("says in the log what is wrong with the answer, and not what it was", async () => {
  await serve(REQUIREMENTS.required);
  await endingOf("unary", { subject: 4711, secret: "s3cret" });
  const line = logger.lines.find(({ message }) => message === "unary.response");
  expect(line).toMatchObject({ level: "error", fields: { status: "INTERNAL" } });
  expect(String(line?.fields.err)).toMatch(/^UnusableAnswer: The verifier's answer has no subject/);
  expect(String(line?.fields.err)).not.toMatch(/4711|s3cret/);
  await server.close();
});

describe("caller", () => {
  const contextWith = (value: unknown) =>
    createCallContext(ProbeService.method.unary, {
      values: createContextValues().set(identityKey, value as undefined),
    });

  it("is the identity of the call", () => {
    const ada = { subject: "ada" };
    expect(caller(contextWith(ada))).toBe(ada);
    expect(auth.caller(contextWith(ada))).toBe(ada);
  });

  it("throws where there is none, whatever stands in its place", () => {
    const anonymous = /\/probe\.v1\.ProbeService\/Unary was called anonymously/;
    expect(() => caller(createCallContext(ProbeService.method.unary))).toThrow(anonymous);
    for (const value of oddValues()) {
      expect(() => caller(contextWith(value))).toThrow();
      expect(() => auth.caller(contextWith(value))).toThrow();
    }
  });
});

function looksLikeIdentity(value: unknown): boolean {
  try {
    return typeof value === "object" && value !== null && "subject" in value;
  } catch {
    return false;
  }
}

import { describe, expect, it } from "vitest";
import { probeClient } from "../../test-support/probe-client.js";
import { bindProbe, SurpriseError, TooLowError } from "../../test-support/probe-service.js";
import { startTestServer } from "../testing/index.js";

const HERE = /contract-error\.test\.ts/;

describe("the stack trace", () => {
  it("is there where an error is made outside a served call", () => {
    expect(new TooLowError({ balance: "1" }).stack).toMatch(HERE);
  });

  it("is left out of what a served method declares, and of nothing else", async () => {
    const before = Error.stackTraceLimit;
    class VeryLowError extends TooLowError {}
    const stacks: (string | undefined)[] = [];
    const server = await startTestServer([
      bindProbe({
        async unary() {
          for (const exception of [TooLowError, VeryLowError]) {
            stacks.push(new exception({ balance: "1" }).stack);
          }
          stacks.push(new SurpriseError().stack, new Error("broken").stack);
          return {};
        },
      }),
    ]);
    await probeClient(server.channel).unary({});
    await server.close();
    const [declared, extending, undeclared, other] = stacks;
    expect(declared).not.toMatch(HERE);
    expect(extending).not.toMatch(HERE);
    expect(undeclared).toMatch(HERE);
    expect(other).toMatch(HERE);
    expect(Error.stackTraceLimit).toBe(before);
  });

  it("is there for others again after an error that can't be made", async () => {
    const before = Error.stackTraceLimit;
    const server = await startTestServer([
      bindProbe({
        unary() {
          throw new TooLowError({ balance: "1" }, { details: [undefined as never] });
        },
      }),
    ]);
    await expect(probeClient(server.channel).unary({})).rejects.toMatchObject({ code: "INTERNAL" });
    await server.close();
    expect(Error.stackTraceLimit).toBe(before);
  });

  it.each(["unary", "serverStream"] as const)(
    "of what a client throws (%s) begins with who waits for the call",
    async (kind) => {
      const fail = (): never => {
        throw new TooLowError({ balance: "1" });
      };
      const server = await startTestServer([bindProbe({ unary: fail, serverStream: fail })]);
      const client = probeClient(server.channel);
      const before = Error.stackTraceLimit;
      async function waitForTheCall() {
        if (kind === "unary") {
          return await client.unary({});
        }
        for await (const response of client.serverStream({})) {
          return response;
        }
      }
      const error = await waitForTheCall().catch((thrown: unknown) => thrown);
      const { stack = "" } = error as Error;
      const [header, inside, waiting] = stack.split("\n").filter((frame) => !frame.includes("(node:"));
      expect(header).toBe("ProbeFailedPreconditionError: Balance 1 is too low");
      expect(inside).not.toMatch(/translat|errorOf|ContractError|ProbeFailed/);
      expect(waiting).toMatch("waitForTheCall");
      expect(Object.getOwnPropertyDescriptor(error, "stack")?.enumerable).toBe(false);
      expect(Error.stackTraceLimit).toBe(before);
      await server.close();
    },
  );
});

import { describe, expect, it } from "vitest";
import { probeClient } from "../../test-support/probe-client.js";
import { bindProbe, SurpriseError, TooLowError } from "../../test-support/probe-service.js";
import { startTestServer } from "../testing/index.js";

const HERE = /contract-error\.test\.ts/;

describe("the stack trace", () => {
  it("is the same wherever the error is made, whether or not the method that is being served declares it", async () => {
    const stacks: (string | undefined)[] = [];
    const make = () => stacks.push(new TooLowError({ balance: "1" }).stack, new SurpriseError().stack);
    make();
    const server = await startTestServer([
      bindProbe({
        async unary() {
          make();
          return {};
        },
      }),
    ]);
    await probeClient(server.channel).unary({});
    await server.close();
    expect(stacks).toHaveLength(4);
    for (const stack of stacks) {
      expect(stack?.split("\n")[1]).toMatch(HERE);
      expect(stack?.split("\n")).toHaveLength(1 + Error.stackTraceLimit);
    }
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

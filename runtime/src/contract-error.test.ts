import { describe, expect, it } from "vitest";
import { probeClient } from "./probe-client.test-support.js";
import { bindProbe, SurpriseError, TooLowError } from "./probe-service.test-support.js";
import { startTestServer } from "./testing/index.js";

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
});

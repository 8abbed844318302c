import { describe, expect, it } from "vitest";
import { probeClient } from "../../test-support/probe-client.js";
import { bindProbe, SurpriseError, TooLowError } from "../../test-support/probe-service.js";
import { CATEGORY_OF_STATUS, type ErrorCategory } from "../contract/error-category.js";
import { startTestServer } from "../testing/index.js";
import { Status, type StatusName } from "../wire/status.js";
import { categoryErrors } from "./category-errors.js";
import {
  ContractError,
  type ContractErrorInit,
  type ContractErrorOptions,
  type ErrorMetadata,
} from "./contract-error.js";

type Base = abstract new <Metadata extends ErrorMetadata>(
  init: ContractErrorInit<Metadata>,
  options?: ContractErrorOptions,
) => ContractError<Metadata>;

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

describe("the category", () => {
  it.each(Object.entries(CATEGORY_OF_STATUS))("of %s is %s", (status, category) => {
    class AnyError extends ContractError {}
    const error = new AnyError({ code: "ANY", status: Status[status as StatusName], message: "" });
    expect(error.category).toBe(category);
    expect(Object.keys(error)).not.toContain("category");
  });

  it("tells a package's errors apart where `instanceof` is answered with no", () => {
    const categories = categoryErrors(ContractError as Base, "Probe");
    const errors = (Object.keys(categories) as ErrorCategory[]).map(
      (category) => new categories[category]({ code: "ANY", status: Status.UNAVAILABLE, message: "" }),
    );
    const texts = errors.map((error: ContractError) =>
      // Without the category in its type, the error would be `never` behind the colon, and this wouldn't compile.
      error instanceof categories.Unavailable ? (error.category satisfies "Unavailable") : error.code,
    );
    expect(texts.filter((text) => text === "Unavailable")).toHaveLength(1);
  });
});

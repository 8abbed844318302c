import { afterAll, beforeAll, expect, it } from "vitest";
import { accord } from "../../plugin/src/cli/cli.fixture.js";
import { type CompiledContract, compileContract } from "./contract.fixture.js";

let ledger: CompiledContract;
let desk: CompiledContract;
beforeAll(() => {
  ledger = compileContract("example/proto", "plugin/validate-protos");
  desk = compileContract("test/verify/strict", "plugin/validate-protos");
});
afterAll(() => {
  ledger.remove();
  desk.remove();
});

/** Judges `accord mock` by the contract that it serves, with all of its methods called. */
async function judged({ image }: CompiledContract, ...argv: readonly string[]) {
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  let listens: (address: string) => void = () => {};
  const listening = new Promise<string>((resolve) => {
    listens = resolve;
  });
  const mock = accord(["mock", image, "--port", "0"], {
    stopped,
    onWrite: (text) => {
      const address = /on (127\.0\.0\.1:\d+), seed/.exec(text)?.[1];
      if (address !== undefined) {
        listens(address);
      }
    },
  });
  const target = await Promise.race([listening, mock.then(({ stderr }) => stderr)]);
  const outcome = await accord(["verify", image, "--target", target, ...argv]);
  stop();
  await mock;
  return outcome;
}

it("finds nothing in a mock of the example's contract", async () => {
  const methods = ["OpenAccount", "Transfer", "ImportEntries", "SetAccountFrozen"].flatMap((name) => ["--call", name]);
  const services = ["LedgerService", "AuditService"].flatMap((name) => ["--service", name]);
  const { code, stdout } = await judged(ledger, ...services, ...methods);
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("kept        Transfer") });
});

it("finds nothing where callers must be known, and requests have rules", async () => {
  const { code, stdout } = await judged(desk, "--header", "authorization: Bearer anything");
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("kept        FindOrder") });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accord } from "../../plugin/src/cli/cli.fixture.js";
import type { VerifyRuleId } from "../../plugin/src/verify/verify-rules.js";
import type { BackgroundProcess } from "../proof/command.js";
import { NotRun } from "../proof/suite.js";
import { type CompiledContract, compileContract, EXAMPLES } from "./contract.fixture.js";
import { PEERS } from "./peers.js";

/** What each server does otherwise, and the rules that it breaks. */
const SEEDED: Readonly<Record<string, readonly VerifyRuleId[]>> = {
  missing: ["METHOD_MISSING"],
  health: ["HEALTH_MISSING"],
  limit: ["REQUEST_LIMIT_IGNORED"],
  domain: ["ERROR_DOMAIN_DIFFERS"],
  metadata: ["ERROR_METADATA_DIFFERS"],
  pushback: ["ERROR_PUSHBACK_DIFFERS"],
  noinfo: ["ERROR_INFO_MISSING"],
  status: ["ERROR_STATUS_DIFFERS"],
  undeclared: ["STATUS_UNDECLARED"],
  // No declared error has such a text, and so it is undeclared, too.
  leak: ["INTERNALS_LEAKED", "STATUS_UNDECLARED"],
  retriable: ["RETRIABLE_EXECUTED"],
  undecodable: ["ANSWER_UNDECODABLE"],
  trailers: ["TRAILERS_TOO_LARGE"],
};

/** What only one of them can be made to do: the others look at what callers accept. */
const OWN: Readonly<Record<string, Readonly<Record<string, readonly VerifyRuleId[]>>>> = {
  // Health checks are compressed, too, and small answers grow.
  "grpc-go": { compressed: ["COMPRESSED_UNASKED", "COMPRESSION_GROWS", "HEALTH_NOT_SERVING"] },
};

let contract: CompiledContract;
beforeAll(() => {
  contract = compileContract("test/verify/proto");
});
afterAll(() => contract.remove());

describe.concurrent.each(PEERS)("$name", (peer) => {
  const seeded = { ...SEEDED, ...OWN[peer.name] };
  let process: BackgroundProcess | undefined;
  beforeAll(async () => {
    try {
      process = await peer.start(["none", ...Object.keys(seeded)]);
    } catch (error) {
      if (!(error instanceof NotRun)) {
        throw error;
      }
      console.log(`${peer.name} isn't verified: ${error.message}`);
    }
  });
  afterAll(() => process?.stop());

  async function verify(violation: string) {
    const [, port] = (await process?.line(new RegExp(`^${violation} (\\d+)$`, "m"))) ?? [];
    const argv = ["verify", contract.image, "--target", `127.0.0.1:${port}`, "--examples", EXAMPLES];
    const { stdout } = await accord([...argv, "--call", "ReserveItem", "--json"]);
    const { findings } = JSON.parse(stdout) as { findings: { rule: VerifyRuleId; subject?: string; text: string }[] };
    return findings;
  }

  it("keeps the contract where nothing is seeded", async ({ skip }) => {
    skip(process === undefined);
    expect(await verify("none")).toEqual([]);
  });

  it.each(Object.entries(seeded))("is found out: %s", async (violation, rules) => {
    if (process === undefined) {
      return;
    }
    const found = new Set((await verify(violation)).map((finding) => finding.rule));
    // Another error than the expected one is told beside what is wrong with it.
    found.delete("ANSWER_UNEXPECTED");
    expect([...found].sort()).toEqual([...rules].sort());
  });
});

import { join } from "node:path";
import { need, start } from "../command.js";
import { PROOF, ROOT } from "../folders.js";
import { bundle, generate } from "../programs.js";
import { pythonPackages } from "../python.js";
import type { CaseResult, Suite, SuiteRequest, SuiteRun } from "../suite.js";

const VERSION = "2.1.0";
const PACKAGES = [`protovalidate==${VERSION}`, "grpcio==1.85.1", "googleapis-common-protos==1.72.0"];

/** PyPI's protovalidate over the recorded cases, and what a Python client without generated code reads of a refused request. */
export const protovalidatePython: Suite = {
  name: "protovalidate-python",
  title: "PyPI's protovalidate: the same cases, and a client's reading of violations",
  source: "https://pypi.org/project/protovalidate/",
  quick: true,
  knownFailures: "checked/known-failures.txt",
  run: runPython,
};

async function runPython({ verbose }: SuiteRequest): Promise<SuiteRun> {
  const env = {
    PYTHONPATH: await pythonPackages(`protovalidate-python-${VERSION}`, PACKAGES),
    PYTHONDONTWRITEBYTECODE: "1",
  };
  const program = (name: string) => join(PROOF, "checked/python", name);
  const recorded = join(ROOT, "test/validate/conformance");
  const opinion = await need("The second opinion", "python3", [program("second_opinion.py"), recorded], { env });
  await generate("checked", {
    folders: [join(PROOF, "checked/proto"), join(ROOT, "plugin/validate-protos")],
    only: ["accord", "buf/validate"],
  });
  const server = start(process.execPath, [await bundle("checked/server.ts")], { shown: verbose });
  try {
    const [, port = ""] = await server.line(/listening on (\d+)/);
    const read = await need("The client", "python3", [program("client.py"), port], { env });
    const cases = [
      ...casesOf(opinion).map((each) => ({ ...each, name: `second-opinion/${each.name}` })),
      ...casesOf(read),
    ];
    return { version: `protovalidate ${VERSION}`, cases };
  } finally {
    await server.stop();
  }
}

function casesOf(lines: string): CaseResult[] {
  return lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as CaseResult);
}

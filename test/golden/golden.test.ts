import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { generate } from "@accord-grpc/protoc-gen-accord";
import type { CodeGeneratorRequest } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { program } from "../../scripts/programs.mjs";
import {
  BIOME,
  GOLDEN,
  goldenCases,
  readGenerated,
  readRequest,
  UPDATING,
  updateGenerated,
  updateRequest,
} from "./golden-case.js";

const cases = goldenCases();
const run = promisify(execFile);

// `npm run generate`, or `UPDATE=1 npx vitest run test/golden`: compiles the protos and writes what is generated.
beforeAll(async () => {
  if (UPDATING) {
    for (const name of cases) {
      updateRequest(name);
      updateGenerated(name, await filesOf(readRequest(name)));
    }
  }
  // A dozen runs of buf, on a machine that may do other things.
}, 900_000);

describe.each(cases)("%s", (name) => {
  it("generates what is committed, and nothing else", async () => {
    const generated = await filesOf(readRequest(name));
    const expected = readGenerated(name);
    expect([...generated.keys()]).toEqual([...expected.keys()].sort());
    for (const [path, content] of expected) {
      expect(generated.get(path), path).toBe(content);
    }
  });

  it("generates the same from files in another order", async () => {
    const request = readRequest(name);
    // Files come after what they import, so only those that import nothing of each other can change places.
    const imports = request.protoFile.filter((file) => file.dependency.length === 0).reverse();
    const others = request.protoFile.filter((file) => file.dependency.length > 0);
    const shuffled = {
      ...request,
      protoFile: [...imports, ...others],
      fileToGenerate: request.fileToGenerate.toReversed(),
    };
    expect(await filesOf(shuffled)).toEqual(await filesOf(request));
  });
});

describe("generated code", () => {
  const folder = mkdtempSync(join(tmpdir(), "accord-golden-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is formatted and linted as biome wants it", async () => {
    for (const name of cases) {
      cpSync(join(GOLDEN, name, "gen"), join(folder, name), {
        recursive: true,
        // JavaScript and declarations are the TypeScript compiler's; manifests and pages are users' templates'.
        filter: (path) => !/\.\w+$/.test(path) || (/\.(ts|json)$/.test(path) && !/(_pb|\.d)\.ts$/.test(path)),
      });
    }
    writeFileSync(join(folder, "biome.json"), BIOME);
    const checked = await run(...program("biome", ["check", "--error-on-warnings", "."]), {
      cwd: folder,
    }).catch((error: { stdout: string; stderr: string }) => error);
    expect(`${checked.stdout}${checked.stderr}`).toMatch(/^Checked \d+ files in [^\n]*No fixes applied\.\s*$/);
  });

  it("passes the compiler at its strictest", async () => {
    const checked = await run(...program("tsc", ["-p", join(GOLDEN, "tsconfig.json")])).catch(
      (error: { stdout: string; stderr: string }) => error,
    );
    // The runtime's sources are compiled along, under settings that aren't theirs.
    expect(checked.stdout.split("\n").filter((line) => line.includes("test/golden/"))).toEqual([]);
    expect(checked.stderr).toBe("");
  });
});

async function filesOf(request: CodeGeneratorRequest): Promise<Map<string, string>> {
  const { response } = await generate(request);
  expect(response.error).toBe("");
  return new Map(response.file.map(({ name, content }) => [name, content]));
}

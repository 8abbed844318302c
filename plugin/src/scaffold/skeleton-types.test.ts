import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeDescriptors } from "../cli/decode-descriptors.js";
import { readContract } from "../contract.js";
import { planScaffold } from "./scaffold-plan.js";
import { loadTemplates } from "./scaffold-templates.js";
import { outlineServices } from "./servicer-outline.js";
import { writeUserFile } from "./user-files.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const golden = join(root, "test/golden");

/** The golden cases whose generated code is TypeScript: with imports that end in .js. */
const CASES = readdirSync(golden, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && readdirSync(join(golden, entry.name)).includes("options.txt"))
  .map((entry) => ({ name: entry.name, options: readFileSync(join(golden, entry.name, "options.txt"), "utf8") }))
  .filter(({ options }) => options.includes("target=ts,import_extension=js") && !options.includes("artifacts="));

let folder: string;
beforeAll(() => {
  // In the repository, so that the packages that the skeletons import are found.
  const parent = join(root, "plugin/node_modules");
  mkdirSync(parent, { recursive: true });
  folder = mkdtempSync(join(parent, ".skeletons-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("skeletons of the golden cases", () => {
  it("type-check with what is generated, whatever the names, and are complete", async () => {
    const templates = await loadTemplates();
    const written: string[] = [];
    for (const { name } of CASES) {
      const { files, toGenerate } = decodeDescriptors(readFileSync(join(golden, name, "request.binpb")), name);
      const { model } = readContract(files, toGenerate);
      const outlines = model === undefined ? [] : outlineServices(model, ({ proto }) => toGenerate.has(proto.name));
      const run = () =>
        planScaffold(outlines, {
          out: join(folder, name),
          generated: join(golden, name, "gen"),
          importExtension: ".js",
          templates,
        });
      for (const { file } of run().writes) {
        writeUserFile(file);
        written.push(file.path);
      }
      expect(run().writes).toEqual([]);
    }
    expect(written.length).toBeGreaterThan(3);
    const config = {
      extends: join(root, "tsconfig.base.json"),
      compilerOptions: { noEmit: true, rootDir: root },
      files: written,
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(root, "node_modules/.bin/tsc");
    const checked = promisify(execFile)(tsc, ["-p", join(folder, "tsconfig.json"), "--pretty", "false"]);
    await expect(checked.catch((error: { stdout?: string }) => error)).resolves.toMatchObject({ stdout: "" });
  });
});

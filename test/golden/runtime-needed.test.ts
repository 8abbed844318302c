import { readdirSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";
import { generateArtifacts } from "../artifacts/generate-artifacts.js";
import { UPDATING } from "./golden-case.js";

const GOLDEN = fileURLToPath(new URL(".", import.meta.url));
/** Where Node finds the packages that generated code imports. */
const BUILT = join(GOLDEN, "../../node_modules/.cache/accord-runtime-needed");

const NEEDED = /^require(?:Runtime|Codecs)\((\d+)\);$/m;

/** Whether a generated file says which runtime it needs: itself, or by a file whose values it imports. */
function saysIt(path: string, seen = new Set<string>()): boolean {
  if (seen.has(path)) {
    return false;
  }
  seen.add(path);
  const source = readFileSync(path, "utf8");
  const imported = [...source.matchAll(/^import \{[^}]*\} from "(\.[^"]+)\.js";/gm)];
  return (
    NEEDED.test(source) || imported.some(([, from = ""]) => saysIt(join(dirname(path), `${from.toString()}.ts`), seen))
  );
}

describe.skipIf(UPDATING)("what is generated", () => {
  const files = readdirSync(GOLDEN, { recursive: true, encoding: "utf8" })
    .filter((path) => /\/gen\/.*(?<!\.d)\.ts$/.test(path))
    .map((path) => join(GOLDEN, path))
    .filter((path) =>
      /^import \{(?! type [^,}]*\})[^}]*\} from "@accord-grpc\/runtime/m.test(readFileSync(path, "utf8")),
    );

  it("says which runtime it needs, wherever it calls it", () => {
    expect(files.length).toBeGreaterThan(40);
    expect(files.filter((path) => !saysIt(path))).toEqual([]);
  });
});

describe("code that doesn't fit the runtime", () => {
  afterAll(() => rm(BUILT, { recursive: true, force: true }));

  it.each([
    ["ledger/v1/errors.ts", 999, /^This code was .* 999 .*: npm install @accord-grpc\/runtime@latest$/],
    ["ledger/v1/errors.ts", 0, /^This code was .* 0 .*: regenerate .*\(npx buf generate\)$/],
    ["ledger/v1/channel.ts", 999, /^This code was .* 999 .*: npm install/],
    ["ledger/v1/ledger_codec.ts", 999, /^These codecs were .* 999 .*: npm install/],
    ["ledger/v1/ledger_codec.ts", 0, /^These codecs were .* 0 .*: regenerate/],
  ])("says so when it is loaded: %s for version %d", async (name, version, said) => {
    const generated = await generateArtifacts("ledger", "target=ts,import_extension=js");
    const source = generated.get(name) ?? "";
    expect(source).toMatch(NEEDED);
    const entry = join(BUILT, `${version}-${name.replaceAll("/", "-")}`);
    await mkdir(BUILT, { recursive: true });
    await writeFile(
      entry,
      source.replace(NEEDED, (line) => line.replace(/\d+/, String(version))),
    );
    const outfile = entry.replace(/ts$/, "mjs");
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      conditions: ["@accord-grpc/source"],
      logLevel: "error",
      plugins: [
        {
          name: "generated-by-protoc-gen-es",
          setup({ onResolve }) {
            onResolve({ filter: /^\./ }, ({ path, importer }) =>
              importer === entry
                ? { path: join(GOLDEN, "ledger/gen", dirname(name), path.replace(/js$/, "ts")) }
                : undefined,
            );
            onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
              kind === "entry-point" || path.startsWith("@accord-grpc/") ? undefined : { path, external: true },
            );
          },
        },
      ],
    });
    await expect(import(pathToFileURL(outfile).href)).rejects.toThrow(said);
  });
});

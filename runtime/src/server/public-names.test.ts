import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

// The server speaks HTTP/2 by what Node documents, and knows of grpc-js no more than the class `Metadata`. Only `addTo`, which
// serves on grpc-js's own server, knows that server: by its public handler interface.

const here = dirname(fileURLToPath(import.meta.url));

const sources = readdirSync(here, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !/\.(test|suite|attack)\.ts$/.test(entry.name))
  .map((entry) => relative(here, join(entry.parentPath, entry.name)))
  .filter((name) => !name.startsWith("grpc-js/"));

const textOf = (name: string): string => readFileSync(join(here, name), "utf8");
/** Code alone: comments may name what the code doesn't touch. */
const codeOf = (name: string): string => textOf(name).replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, "");

describe.each(sources)("%s", (name) => {
  it("takes nothing of grpc-js but Metadata", () => {
    const imports = [...textOf(name).matchAll(/import\s+(?:type\s+)?\{([^}]*)\}\s+from\s+"@grpc\/grpc-js"/g)];
    const names = imports.flatMap(([, list = ""]) => list.split(",").map((each) => each.replace("type", "").trim()));
    expect(names.filter((each) => each !== "" && each !== "Metadata")).toEqual([]);
    expect(codeOf(name)).not.toMatch(/import\s+\*\s+as\s+\w+\s+from\s+"@grpc|require\(/);
  });

  it("touches no private name, of Node or of anybody", () => {
    // The one documented name with an underscore, in the one file of the fault that needs it.
    const code = name === "http2/fault-reads-ahead.ts" ? codeOf(name).replaceAll("._read", "") : codeOf(name);
    // Names that begin with an underscore, symbols of others, and what is behind Node's modules.
    expect(code).not.toMatch(/\.\s*_\w|\["_|getOwnPropertySymbols|internalBinding|process\.binding|_handle|kHandle/);
    // A cast past the types is how one gets at them.
    expect(code).not.toMatch(/as unknown as/);
    expect(code).not.toMatch(/\.prototype\.\w+\s*=|setPrototypeOf/);
  });
});

it("looks at the whole server", () => {
  expect(sources).toContain("http2/http2-call.ts");
  expect(sources.length).toBeGreaterThan(30);
});

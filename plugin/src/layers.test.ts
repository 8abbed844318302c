import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { circleOf, importsBelow, sourcesBelow } from "../../test/source-imports.js";

const SRC = fileURLToPath(new URL(".", import.meta.url));

// The runtime's, which has the code of the contract language for generated code too.
const OPTIONS = /from "@accord-grpc\/runtime\/accord\/v1\/options_pb"/;

// Each layer may import those before it.
const LAYERS = ["read", "resolve", "validate", "model", "emit"];

// What stands beside the layers and knows nothing of contracts, so that every layer may use it.
const NEUTRAL = ["bounded-input.ts", "thrown-message.ts", "version.ts", "templates/"];

function isNeutral(path: string): boolean {
  return NEUTRAL.some((neutral) => path.startsWith(neutral));
}

function layerOf(path: string): number {
  return LAYERS.indexOf(path.split("/")[0] ?? "");
}

describe("the plugin's layers", () => {
  const imports = importsBelow(SRC);

  it("are all there", () => {
    for (const layer of LAYERS) {
      expect(imports.some(({ from }) => from.startsWith(`${layer}/`))).toBe(true);
    }
  });

  it("import only what is before them", () => {
    const wrong = imports.filter(({ from, to }) => {
      return layerOf(from) >= 0 && !isNeutral(to) && (layerOf(to) < 0 || layerOf(to) > layerOf(from));
    });
    expect(wrong).toEqual([]);
  });

  it("rest on nothing of theirs in what every layer may use", () => {
    expect(imports.filter(({ from, to }) => isNeutral(from) && !isNeutral(to))).toEqual([]);
  });

  it("have no circle of files, types included, nor has the rest of the plugin", () => {
    expect(imports.length).toBeGreaterThan(800);
    expect(circleOf(imports)).toBeUndefined();
  });

  it("list the rules in one place: what runs them knows none, and none knows another", () => {
    const uses = imports.filter(({ from, to }) => from.startsWith("validate/") && to.startsWith("validate/rules/"));
    expect(uses.length).toBeGreaterThan(20);
    expect(uses.filter(({ from }) => from !== "validate/rules.ts")).toEqual([]);
  });

  it("print TypeScript without knowing what", () => {
    const uses = imports.filter(({ from }) => from.startsWith("emit/typescript/"));
    expect(uses.length).toBeGreaterThan(10);
    expect(uses.filter(({ to }) => !to.startsWith("emit/typescript/"))).toEqual([]);
  });

  it("know the options' generated code in read/ alone", () => {
    const readers = sourcesBelow(SRC).filter((path) => OPTIONS.test(readFileSync(join(SRC, path), "utf8")));
    expect(readers.length).toBeGreaterThan(0);
    expect(readers.filter((path) => !path.startsWith("read/"))).toEqual([]);
  });
});

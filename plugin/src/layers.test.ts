import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { circleOf, importsBelow } from "../../test/source-imports.js";

const SRC = fileURLToPath(new URL(".", import.meta.url));

// Each layer may import those before it.
const LAYERS = ["read", "resolve", "validate", "model", "emit"];

// Files beside the layers that know nothing of contracts, so that every layer may use them.
const NEUTRAL = ["bounded-input.ts", "thrown-message.ts", "version.ts"];

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
      return layerOf(from) >= 0 && !NEUTRAL.includes(to) && (layerOf(to) < 0 || layerOf(to) > layerOf(from));
    });
    expect(wrong).toEqual([]);
  });

  it("have no circle in what checks contracts", () => {
    const within = imports.filter(({ from, to }) => from.startsWith("validate/") && to.startsWith("validate/"));
    expect(within.length).toBeGreaterThan(50);
    expect(circleOf(within)).toBeUndefined();
  });

  it("know the generated options code in read/ alone", () => {
    const readers = imports.filter(({ to }) => to.startsWith("read/gen/")).map(({ from }) => from);
    expect(readers.length).toBeGreaterThan(0);
    expect(readers.filter((from) => !from.startsWith("read/"))).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { nearest } from "./nearest-name.js";

describe("nearest", () => {
  const names = ["artifacts", "target", "import_extension"];

  it("finds what was probably meant", () => {
    expect(nearest("artefacts", names)).toBe("artifacts");
    expect(nearest("Targets", names)).toBe("target");
    expect(nearest("import_extention", names)).toBe("import_extension");
  });

  it("finds nothing if nothing is close", () => {
    expect(nearest("colour", names)).toBeUndefined();
    expect(nearest("x", names)).toBeUndefined();
    expect(nearest("x", [])).toBeUndefined();
    expect(nearest("x", ["n", "id"])).toBeUndefined();
    expect(nearest("i", ["n", "id"])).toBe("id");
  });
});

import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { INSTRUMENTATION_SCOPE } from "./instrumentation-scope.js";

it("is this package in this version", async () => {
  const { name, version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  expect(INSTRUMENTATION_SCOPE).toEqual({ name, version });
});

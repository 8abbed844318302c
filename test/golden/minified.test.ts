import { rm } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { UPDATING } from "./golden-case.js";

// Beside the cases, so that Node finds the packages that the bundle imports.
const outfile = fileURLToPath(new URL(`./minified.${process.pid}.tmp.mjs`, import.meta.url));

const SOURCE = `
import * as errors from "./ledger/gen/ledger/v1/errors.js";
import { LoadReportError, StatusError } from "@accord-grpc/runtime";
class OwnError extends errors.AccountNotFoundError {
  constructor() { super(); this.name = "OwnError"; }
}
const init = { code: "X", status: 2, message: "x" };
export const names = Object.entries({ ...errors, LoadReportError })
  .filter(([name, each]) => /Error$/.test(name) && name !== "LedgerError" && typeof each === "function")
  .map(([name, each]) => [name, new each(/^(Ledger|LoadReport)/.test(name) ? init : {}).name]);
names.push(["OwnError", new OwnError().name], ["StatusError", new StatusError(5, "x").name]);
export const isMinified = OwnError.name !== "OwnError";
`;

it.skipIf(UPDATING)("an error has its class's name in the contract, in a bundle that is minified too", async () => {
  try {
    await build({
      stdin: { contents: SOURCE, resolveDir: fileURLToPath(new URL(".", import.meta.url)), loader: "ts" },
      ...{ outfile, bundle: true, minify: true, platform: "node", format: "esm", target: "node20" },
      ...{ conditions: ["@accord-grpc/source"], external: ["@grpc/*", "@bufbuild/*", "@opentelemetry/*"] },
    });
    const { names, isMinified } = (await import(pathToFileURL(outfile).href)) as {
      names: readonly (readonly [string, string])[];
      isMinified: boolean;
    };
    expect(isMinified).toBe(true);
    expect(names.length).toBeGreaterThan(15);
    expect(names).toEqual(names.map(([name]) => [name, name]));
  } finally {
    await rm(outfile, { force: true });
  }
});

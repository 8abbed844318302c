import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type BuildResult, build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";

// What a page loads that calls by a generated client: bundled for browsers, where Node's modules don't exist.

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const GENERATED = join(root, "test/golden/web/gen/ledger/v1");
const MOST_BYTES = 10 * 1024;

/** What the package's condition `browser` is, before it is built. */
const IN_BROWSERS = join(root, "runtime/src/codegen/browser.ts");

type Bundle = BuildResult<{ metafile: true; write: false }>;

function bundle(contents: string): Promise<Bundle> {
  return build({
    stdin: { contents, resolveDir: here, loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: ["@accord-grpc/source"],
    alias: { "@accord-grpc/runtime/codegen/v1": IN_BROWSERS },
    metafile: true,
    write: false,
    logLevel: "silent",
  });
}

const size = ({ outputFiles }: Bundle): number => gzipSync(outputFiles[0]?.contents ?? new Uint8Array()).byteLength;

const TRANSPORT = `
import { createConnectTransport } from "@connectrpc/connect-web";
export const transport = createConnectTransport({ baseUrl: "https://api.example.com" });`;

let client: Bundle;
let alone: Bundle;

beforeAll(async () => {
  [client, alone] = await Promise.all([
    bundle(`${TRANSPORT}
import { LedgerServiceClient } from "${GENERATED}/ledger_web.js";
import { InsufficientFundsError } from "${GENERATED}/errors.js";
export { InsufficientFundsError };
export const client = new LedgerServiceClient(transport);`),
    // What anybody has who calls by connect: its client, the messages, and those that errors are made of.
    bundle(`${TRANSPORT}
import { createClient } from "@connectrpc/connect";
import { LedgerService } from "${GENERATED}/ledger_pb.js";
import { LedgerErrorCodeSchema } from "${GENERATED}/errors_pb.js";
export { LedgerErrorCodeSchema };
export const client = createClient(LedgerService, transport);`),
  ]);
});

describe("the bundle of a page", () => {
  it("has nothing of grpc-js, of Node, or of the server", () => {
    const inputs = Object.keys(client.metafile.inputs);
    expect(inputs.some((path) => path.endsWith("web/bind-client.ts"))).toBe(true);
    expect(inputs.filter((path) => /@grpc\/|@opentelemetry\/|\/server\/|grpc-js|^node:/.test(path))).toEqual([]);
    const text = client.outputFiles[0]?.text ?? "";
    // protobuf-es asks whether there is a `process`, and does without.
    const found = ['from"node:', "require(", "Buffer."].filter((name) => text.includes(name));
    expect(found).toEqual([]);
  });

  it(`grows by at most ${MOST_BYTES} bytes, packed, on top of connect-web and the messages`, () => {
    const added = size(client) - size(alone);
    expect(added).toBeGreaterThan(500);
    expect(added, `${added} bytes`).toBeLessThanOrEqual(MOST_BYTES);
  });

  it("is made by the package's condition for browsers", () => {
    const { exports } = JSON.parse(readFileSync(join(root, "runtime/package.json"), "utf8"));
    const conditions = Object.entries(exports["./codegen/v1"]);
    expect(exports["./codegen/v1"].browser).toBe("./dist/esm/codegen/browser.js");
    // Bundlers take the first that fits.
    const names = conditions.map(([name]) => name);
    expect(names.indexOf("browser")).toBeLessThan(names.indexOf("import"));
  });
});

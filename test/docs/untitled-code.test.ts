import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { program } from "../../scripts/programs.mjs";

// TypeScript in docs/ that is no whole file, and so has no title: compiled, too, with what the page's words take for granted before it.

const ROOT = join(import.meta.dirname, "../..");

/** What a block needs, by a line of its own: declarations, and whether it stands in a function. */
const CONTEXTS: Readonly<Record<string, string>> = {
  "http: { cors:": `import { createLedgerV1Server } from "./gen/ledger/v1/server.js";
    declare const ledger: import("./gen/ledger/v1/server.js").LedgerV1Servicers["ledger"];
    declare const audit: import("./gen/ledger/v1/server.js").LedgerV1Servicers["audit"];`,
  "await ledger.transfer.result({ transfer": `declare const sourceAccountId: string; declare const destinationAccountId: string;
    declare const amount: { minorUnits: bigint; currencyCode: string }; declare const signal: AbortSignal;`,
  "useQuery(LedgerService.method.getAccount": `import { LedgerService } from "./gen/ledger/v1/ledger_pb.js";
    import type { ConnectError } from "@connectrpc/connect";
    declare function useQuery(method: unknown, request: object): { readonly error: ConnectError | null };
    declare const accountId: string; declare function show(text: string): void;`,
  "found = violated(found, TransferRequest_amount": `declare let found: object | undefined; declare const message: { amount: bigint };
    declare const TransferRequest_amount: object; declare const INT64_GT: object;
    declare function violated(found: object | undefined, ...rule: unknown[]): object;`,
  "checks: { transfer: validateTransferRequest }": `import { LedgerServiceClient } from "./gen/ledger/v1/ledger_client.js";
    import type { Channel, Violations } from "@accord-grpc/runtime";
    declare const channel: Channel; declare const validateTransferRequest: (request: never) => Violations;`,
};

const pages = readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md"));
const blocks = [...pages.map((name) => `docs/${name}`), "README.md"].flatMap((page) =>
  [...readFileSync(join(ROOT, page), "utf8").matchAll(/^```(?:ts|typescript)\n([\s\S]*?)^```$/gm)].map(
    ([, code = ""], index) => ({ name: `${page} ${index + 1}`, code }),
  ),
);
const folder = mkdtempSync(join(tmpdir(), "accord-blocks-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("each compiles", { timeout: 120_000 }, async () => {
  expect(blocks.length).toBeGreaterThan(4);
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const names = new Map(blocks.map(({ name }) => [name.replaceAll(/\W+/g, "-"), name]));
  for (const { name, code } of blocks) {
    writeFileSync(join(folder, `${name.replaceAll(/\W+/g, "-")}.ts`), wholeFile(code));
  }
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: join(ROOT, "tsconfig.base.json"),
      compilerOptions: {
        noEmit: true,
        declaration: false,
        noImplicitReturns: false,
        // `./gen/…` is the example's.
        rootDirs: [folder, join(ROOT, "example/src")],
        typeRoots: [join(ROOT, "node_modules/@types")],
      },
      include: ["*.ts"],
    }),
  );
  const { stdout } = await promisify(execFile)(...program("tsc", ["-p", folder, "--pretty", "false"])).catch(
    (error: { stdout: string }) => error,
  );
  const found = stdout.replaceAll(/^([\w-]+)\.ts/gm, (all, file) => names.get(file) ?? all);
  expect(found).toBe("");
});

/** Imports first, then what the page takes for granted, then the rest in a function, where it may return. */
function wholeFile(code: string): string {
  const contexts = Object.entries(CONTEXTS).flatMap(([line, text]) => (code.includes(line) ? [text] : []));
  const imports = code.match(/^import [^;]*;$/gm) ?? [];
  const rest = code.replace(/^import [^;]*;$/gm, "");
  return `${[...imports, ...contexts].join("\n")}\nexport async function example() {\n${rest}\n}\n`;
}

test("each context is of a block that there is", () => {
  expect(Object.keys(CONTEXTS).filter((line) => !blocks.some(({ code }) => code.includes(line)))).toEqual([]);
});

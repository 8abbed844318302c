import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VERSION } from "../version.js";
import { LEDGER_REQUEST, ProtoFolder, ROOT } from "./cli.fixture.js";

// The command as it is installed: its bundle, and the script in bin/ that starts it.

let installed: string;
let bin: string;
beforeAll(async () => {
  const parent = join(ROOT, "plugin/node_modules");
  mkdirSync(parent, { recursive: true });
  installed = mkdtempSync(join(parent, ".accord-bin-"));
  await build({
    entryPoints: [join(ROOT, "plugin/src/bin/accord.ts")],
    outfile: join(installed, "dist/bin/accord.cjs"),
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["ts-morph", "handlebars", "yaml", "@bufbuild/protovalidate"],
    logLevel: "error",
  });
  bin = join(installed, "bin/accord.cjs");
  cpSync(join(ROOT, "plugin/bin/accord.cjs"), bin);
});
afterAll(() => rmSync(installed, { recursive: true, force: true }));

/** Starts the command; what it writes is collected until it ends. */
function start(argv: readonly string[], options: { readonly cwd?: string; readonly node?: readonly string[] } = {}) {
  const child = spawn(process.execPath, [...(options.node ?? []), bin, ...argv], { cwd: options.cwd ?? ROOT });
  const written = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    written.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    written.stderr += text;
  });
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal, ...written }));
  return { child, ended };
}

describe("the installed command", () => {
  it("runs", async () => {
    expect(await start(["--version"]).ended).toMatchObject({ code: 0, stdout: `accord ${VERSION}\n`, stderr: "" });
    expect(await start(["lint", LEDGER_REQUEST]).ended).toMatchObject({ code: 0, stdout: "" });
    expect(await start(["explain", "Transfer", "-i", LEDGER_REQUEST]).ended).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("ledger.v1.LedgerService/Transfer (unary)\n"),
      stderr: "",
    });
  });

  it("scaffolds with the templates of its package", async () => {
    const project = new ProtoFolder({});
    try {
      const first = start(["scaffold", LEDGER_REQUEST, "--out", "src"], { cwd: project.path });
      expect(await first.ended).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("created   src/ledger-servicer.ts"),
      });
      expect(project.read("src/ledger-servicer.ts")).toContain("async *listEntries(");
    } finally {
      project.remove();
    }
  });

  it.each([[["--help"]], [["lint", LEDGER_REQUEST]], [["explain", "-i", LEDGER_REQUEST]], [["scaffold", "--help"]]])(
    "loads neither ts-morph nor Handlebars where it needs neither: %j",
    async (argv) => {
      const trace =
        "data:text/javascript,import m from 'node:module';const load=m._load;m._load=(id,...rest)=>{if(/ts-morph|handlebars/.test(id))process.stderr.write('loaded '+id);return load(id,...rest)}";
      const { code, stderr } = await start(argv, { node: ["--import", trace] }).ended;
      expect(code).toBe(0);
      expect(stderr).not.toContain("loaded");
      // The trace would have told.
      const scaffold = start(["scaffold", LEDGER_REQUEST, "--out", "src", "--check"], {
        cwd: installed,
        node: ["--import", trace],
      });
      expect((await scaffold.ended).stderr).toContain("loaded ts-morph");
    },
  );

  it("tells of mistakes in one line, without a stack", async () => {
    const { code, stderr } = await start(["explain", "Nope", "-i", "nowhere.binpb"]).ended;
    expect({ code, stderr }).toEqual({ code: 2, stderr: `accord: There is no nowhere.binpb in ${ROOT}.\n` });
  });

  it.skipIf(process.platform === "win32")("ends without a word on Ctrl-C", async () => {
    // It waits for standard input, which stays open.
    const { child, ended } = start(["lint", "-"]);
    child.stdin.write(Buffer.alloc(1 << 20));
    await new Promise<void>((resolve) => {
      // A whole pipe's worth was read: the command runs, and has its signals in hand.
      child.stdin.write(Buffer.alloc(1 << 20), () => resolve());
    });
    child.kill("SIGINT");
    expect(await ended).toEqual({ code: 130, signal: null, stdout: "", stderr: "" });
  });

  it.skipIf(process.platform === "win32")("drains a mock on Ctrl-C, and ends well", async () => {
    const { child, ended } = start(["mock", LEDGER_REQUEST, "--port", "0"]);
    await Promise.race([once(child.stdout, "data"), ended]);
    child.kill("SIGINT");
    expect(await ended).toEqual({
      code: 0,
      signal: null,
      stdout: expect.stringMatching(/^Mocking \d+ services? on 127\.0\.0\.1:\d+, seed \d+: .+\nDraining\n$/),
      stderr: "",
    });
  });

  it.runIf(existsSync("/dev/full"))("tells in a line that its output can't be written", async () => {
    const full = openSync("/dev/full", "w");
    const child = spawn(process.execPath, [bin, "explain", "-i", LEDGER_REQUEST], { stdio: ["ignore", full, "pipe"] });
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const [code] = await once(child, "close");
    closeSync(full);
    expect(stderr).toMatch(/^accord: the output can't be written: ENOSPC[^\n]*\n$/);
    expect(code).toBe(2);
  });

  it("ends without a word when its reader leaves", async () => {
    const { child, ended } = start(["explain", "--json", "-i", LEDGER_REQUEST]);
    child.stdout.destroy();
    expect(await ended).toEqual({ code: 0, signal: null, stdout: "", stderr: "" });
  });
});

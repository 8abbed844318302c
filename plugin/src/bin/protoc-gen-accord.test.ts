import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { CodeGeneratorRequestSchema, CodeGeneratorResponseSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { greetRequest } from "../request.fixture.js";
import { VERSION } from "../version.js";

const command = fileURLToPath(new URL("../../bin/protoc-gen-accord.cjs", import.meta.url));

/** Runs the command as it was built last (`npm run build -w plugin`). */
async function run(
  args: string[],
  input?: Uint8Array,
  cwd = process.cwd(),
): Promise<{ code: number | null; out: Buffer; err: string }> {
  const child = spawn(process.execPath, [command, ...args], { stdio: ["pipe", "pipe", "pipe"], cwd });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk) => out.push(chunk));
  child.stderr.on("data", (chunk) => err.push(chunk));
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, out: Buffer.concat(out), err: Buffer.concat(err).toString() };
}

const request = (parameter: string) => toBinary(CodeGeneratorRequestSchema, greetRequest(parameter));

describe("protoc-gen-accord", () => {
  it("answers a request", async () => {
    const { code, out, err } = await run([], request("target=ts"));
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const response = fromBinary(CodeGeneratorResponseSchema, out);
    expect(response.file.map(({ name }) => name)).toContain("greet/v1/greet_servicer.ts");
  });

  it("makes JavaScript", async () => {
    const { out } = await run([], request("target=js+dts,artifacts=errors"));
    const response = fromBinary(CodeGeneratorResponseSchema, out);
    expect(response.file.map(({ name }) => name)).toEqual(["greet/v1/errors.d.ts", "greet/v1/errors.js"]);
  });

  it("warns of other files of the package that lie beside those of the run, unless they are excluded", async () => {
    const folder = mkdtempSync(join(tmpdir(), "accord-beside-"));
    mkdirSync(join(folder, "proto/greet/v1"), { recursive: true });
    writeFileSync(join(folder, "proto/greet/v1/greet.proto"), "package greet.v1; service GreetService {}");
    writeFileSync(join(folder, "proto/part.proto"), "package greet.v1; service PartService {}");
    const { out, err } = await run([], request("target=ts"), folder);
    const excluded = await run([], request("target=ts,exclude=part.proto"), folder);
    rmSync(folder, { recursive: true });
    expect(fromBinary(CodeGeneratorResponseSchema, out).error).toBe("");
    expect(err).toMatch(
      /^greet\/v1\/greet\.proto:1:1: warning PACKAGE_PARTIAL: .*part\.proto belongs.*`strategy: all`.*\n$/,
    );
    expect(excluded.err).toBe("");
  });

  it("reports what is wrong with a request in its response, as protoc wants it", async () => {
    const { code, out, err } = await run([], request("tarjet=ts"));
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(fromBinary(CodeGeneratorResponseSchema, out).error).toContain('Unknown option "tarjet"');
  });

  it.each([
    ["nothing", new Uint8Array()],
    ["text", Buffer.from("syntax = 'proto3';\n")],
    ["bytes that are something else", Uint8Array.of(0x08, 0x01, 0xff, 0xff)],
    ["a request that is cut off", request("target=ts").slice(0, 60)],
  ])("takes %s on stdin for what it is", async (_, input) => {
    const { code, out, err } = await run([], input);
    expect(code).toBe(1);
    expect(out).toHaveLength(0);
    expect(err).toMatch(/^protoc-gen-accord: what came in on stdin isn't a CodeGeneratorRequest\.[^\n]*\n$/);
  });

  it("tells its version", async () => {
    const { code, out } = await run(["--version"]);
    expect({ code, out: out.toString() }).toEqual({ code: 0, out: `protoc-gen-accord ${VERSION}\n` });
  });

  it("tells how it is used", async () => {
    const { code, out } = await run(["--help"]);
    expect(code).toBe(0);
    for (const word of [
      "buf.gen.yaml",
      "include_imports: true",
      "strategy: all",
      "accord init",
      "--accord_opt",
      "service_config",
      "artifacts=",
      "import_extension=",
    ]) {
      expect(out.toString()).toContain(word);
    }
  });

  it("refuses arguments that it doesn't know", async () => {
    const { code, err } = await run(["ledger.proto"]);
    expect(code).toBe(1);
    expect(err).toMatch(/^protoc-gen-accord: unknown argument "ledger\.proto"\.[^\n]*\n$/);
  });
});

import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CheckService } from "../buf-plugin/gen/buf/plugin/check/v1/check_service_pb.js";
import { RequestSchema } from "../buf-plugin/gen/pluginrpc/v1/pluginrpc_pb.js";

// Runs the commands as they were built last (`npm run build -w plugin`).
const program = fileURLToPath(new URL("../../bin/buf-plugin-accord.cjs", import.meta.url));
const launcher = program.replace(/\.cjs$/, "");

const NONE = new Uint8Array();
const procedure = (name: string) => `/${CheckService.typeName}/${name}`;
const { listRules, listCategories } = CheckService.method;
const asking = ({ input }: typeof listRules | typeof listCategories, pageSize: number, pageToken = "") =>
  toBinary(RequestSchema, create(RequestSchema, { value: anyPack(input, create(input, { pageSize, pageToken })) }));

/** What buf asks of a plugin before it has anything checked, page sizes included. */
const BUFS: readonly [args: readonly string[], request: Uint8Array][] = [
  [["--protocol"], NONE],
  [["--spec", "--format", "binary"], NONE],
  [[procedure("ListRules"), "--format", "binary"], asking(listRules, 250)],
  [[procedure("ListCategories"), "--format", "binary"], asking(listCategories, 250)],
];

const OTHERS: typeof BUFS = [
  [["--spec"], NONE],
  [["--spec", "--format", "json"], NONE],
  [[procedure("ListRules")], NONE],
  [[procedure("ListRules"), "--format", "binary"], asking(listRules, 7)],
  [[procedure("ListRules"), "--format", "binary"], asking(listRules, 7, "no such page %s \\n")],
  [[procedure("ListCategories"), "--format", "json"], Buffer.from("{}")],
  [[procedure("ListCategories"), "--format", "binary"], Uint8Array.of(0, 37, 92, 255)],
  [[procedure("Check"), "--format", "binary"], NONE],
  [[procedure("Nothing"), "--format", "binary"], NONE],
  [["--nothing"], NONE],
  [[], NONE],
];

function run(command: string, args: readonly string[], input: Uint8Array, env = process.env) {
  const { status, stdout, stderr } = spawnSync(command, args, { input, env });
  return { status, stdout: stdout.toString("base64"), stderr: stderr.toString() };
}

// Windows has no sh: buf takes the .cmd there, which starts the program.
describe.skipIf(process.platform === "win32")("buf-plugin-accord, as buf.yaml names it", () => {
  let folder: string;
  let withoutNode: NodeJS.ProcessEnv;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "accord-no-node-"));
    writeFileSync(join(folder, "node"), "#!/bin/sh\necho started >&2\nexit 99\n");
    chmodSync(join(folder, "node"), 0o755);
    withoutNode = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(BUFS)("starts no Node for what is always the same: %j", (args, request) => {
    const { status, stdout, stderr } = run(launcher, args, request, withoutNode);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toBe(run(process.execPath, [program, ...args], request).stdout);
    expect(stdout).not.toBe("");
  });

  it.each(OTHERS)("says what the program says: %j", (args, request) => {
    const wanted = run(process.execPath, [program, ...args], request);
    expect(run(launcher, args, request)).toEqual(wanted);
  });

  it("is found from its own folder", () => {
    expect(
      execFileSync("sh", ["buf-plugin-accord", "--protocol"], { cwd: join(launcher, ".."), encoding: "utf8" }),
    ).toBe("1\n");
  });
});

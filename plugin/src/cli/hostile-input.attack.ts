import { spawnSync } from "node:child_process";
import { existsSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { MAX_INPUT_BYTES } from "../bounded-input.js";
import { accord, LEDGER_REQUEST, type Outcome, ProtoFolder } from "./cli.fixture.js";

// Each command, with an input in each place that takes one.
const COMMANDS: readonly (readonly [string, (input: string) => readonly string[]])[] = [
  ["lint", (input) => ["lint", input]],
  ["lint --", (input) => ["lint", "--", input]],
  ["explain", (input) => ["explain", `--input=${input}`]],
  ["scaffold", (input) => ["scaffold", "--out=classes", "--", input]],
  ["breaking", (input) => ["breaking", `--against=${LEDGER_REQUEST}`, "--", input]],
  ["breaking --against", (input) => ["breaking", LEDGER_REQUEST, `--against=${input}`]],
];

const PACKED_FOR_BUF = [
  ["bomb.binpb.gz#format=binpb,compression=gzip", "it unpacks to more than 256 MiB"],
  ["bomb.tar.gz", "it unpacks to more than 256 MiB"],
] as const;

let project: ProtoFolder;
beforeAll(() => {
  project = new ProtoFolder({});
  // A buf that only tells how it was called.
  project.put(
    "node_modules/@bufbuild/buf/bin/buf",
    `require("node:fs").appendFileSync(${JSON.stringify(`${project.path}/called`)}, JSON.stringify(process.argv.slice(2)) + "\\n"); process.exit(1);\n`,
  );
});
beforeEach(() => rmSync(`${project.path}/called`, { force: true }));
afterAll(() => project.remove());

function run(argv: readonly string[]): Promise<Outcome> {
  return accord(argv, { cwd: project.path });
}

function calls(): string[][] {
  return existsSync(`${project.path}/called`)
    ? project
        .read("called")
        .trimEnd()
        .split("\n")
        .map((line): string[] => JSON.parse(line))
    : [];
}

describe.each(COMMANDS)("accord %s", (name, argv) => {
  it.each(["--x#y", "--config={}", "-o", "--help#x", "-#format=binpb", "--against"])(
    "takes no option for an input: %s",
    async (input) => {
      const { code, stderr } = await run(argv(input));
      // The command's own help, where the option is its own.
      expect([code, stderr, calls()]).toEqual([
        2,
        expect.stringMatching(/looks like an option|has no option|needs a value/),
        [],
      ]);
    },
  );

  it.each([
    ".git#branch=--upload-pack",
    ".git#ref=-n",
    ".git#subdir=proto,tag=--exec",
    "https://-oProxyCommand/x.git",
    "ssh://git@-oProxyCommand/x.git",
    "git@-oProxyCommand:x.git",
    ".git#--depth",
  ])("hands nothing to git that it could take for an option: %s", async (input) => {
    const { code, stderr } = await run(argv(input));
    expect([code, stderr, calls()]).toEqual([2, expect.stringContaining("git would take for an option"), []]);
  });

  it.runIf(process.platform !== "win32")("reads neither pipes nor devices, and no more than the limit", async () => {
    spawnSync("mkfifo", [`${project.path}/fifo.binpb`]);
    rmSync(`${project.path}/zero`, { force: true });
    symlinkSync("/dev/zero", `${project.path}/zero`);
    const member = gzipSync(Buffer.alloc(1 << 20));
    const bomb = Buffer.concat(Array.from({ length: (MAX_INPUT_BYTES >> 20) + 1 }, () => member));
    project.put("bomb.binpb.gz", bomb);
    project.put("bomb.tar.gz", bomb);
    project.put("bomb.zip", zipOf(200 << 20, 200 << 20));
    project.put("packed.tar.zst", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]));
    truncateSync(project.put("large.binpb", ""), MAX_INPUT_BYTES + 1);
    for (const [input, reason] of [
      ["fifo.binpb", "is a named pipe"],
      ["fifo.binpb#format=binpb", "is a named pipe"],
      ["/dev/zero", "is a device"],
      ["zero#format=binpb", "is a device"],
      ["bomb.binpb.gz", "it unpacks to more than 256 MiB"],
      // All commands read by the same function: that these are unpacked again for each would only take long.
      ...(name === "lint" ? PACKED_FOR_BUF : []),
      ["bomb.zip", "it unpacks to more than 256 MiB"],
      ["packed.tar.zst", "unpack it first"],
      ["large.binpb", "it is larger than 256 MiB"],
      ["large.binpb#format=binpb", "it is larger than 256 MiB"],
      [`${"x".repeat(5000)}`, "can't be read: ENAMETOOLONG"],
    ] as const) {
      const { code, stderr } = await run(argv(input));
      expect([input.slice(0, 60), code, stderr]).toEqual([input.slice(0, 60), 2, expect.stringContaining(reason)]);
    }
    expect(calls()).toEqual([]);
  });
});

it("hands an input to buf behind everything that could be an option, whatever it is", async () => {
  const word = fc.constantFrom(
    "-",
    "--",
    "--config",
    "#",
    "=",
    ",",
    "x",
    ".git",
    "://",
    "@",
    "branch=",
    ".zip",
    "/",
    " ",
  );
  const input = fc
    .array(word, { minLength: 1, maxLength: 6 })
    .map((words) => words.join(""))
    // It ends the options of accord itself, and is no input.
    .filter((text) => text !== "--");
  await fc.assert(
    fc.asyncProperty(input, fc.constantFrom(...COMMANDS), async (text, [, argv]) => {
      rmSync(`${project.path}/called`, { force: true });
      const { code } = await run(argv(text));
      expect(code).toBe(2);
      for (const [command, ...rest] of calls()) {
        expect(["build", "ls-files"]).toContain(command);
        expect(rest).toEqual(command === "build" ? ["-o", "-", "--", text] : ["--format", "json", "--", text]);
        expect(text).not.toMatch(/^-/);
      }
    }),
    { numRuns: 60 },
  );
});

/** The central directory of a ZIP file whose entries unpack to these sizes. */
function zipOf(...sizes: readonly number[]): Buffer {
  const headers = sizes.map((size) => {
    const header = Buffer.alloc(46);
    header.writeUInt32BE(0x504b0102, 0);
    header.writeUInt32LE(size, 24);
    return header;
  });
  return Buffer.concat([Buffer.from("PK\u0003\u0004"), ...headers]);
}

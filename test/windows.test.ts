import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { program } from "../scripts/programs.mjs";
import { NOT_ON_WINDOWS } from "./windows.js";

// There is no Windows here. What is known not to start there is looked for in the text.

const ROOT = join(import.meta.dirname, "..");
/** These compare with programs of other languages, on Linux. */
const FOR_LINUX = /^test\/(?:bench|fuzz|matrix|proof|proxies|rollout|wire)\//;
const OWN = ["scripts/programs.mjs", "test/windows.ts", "test/windows.test.ts"];

const sources = execFileSync("git", ["ls-files", "*.ts", "*.mjs", "*.mts"], { cwd: ROOT, encoding: "utf8" })
  .split("\n")
  .filter((path) => path !== "" && !OWN.includes(path) && !FOR_LINUX.test(path) && existsSync(join(ROOT, path)));

/** What doesn't work on Windows, in code that runs there. */
const NOT_THERE: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["npm or npx, which are shell scripts there", /\b(?:execFile|spawn|run|exec)\w*\(\s*"(?:npm|npx)"/],
  ["a program of node_modules/.bin, likewise", /node_modules\/\.bin"?[/,] ?"?[a-z$]/],
  ["a PATH with colons", /\.bin"?\)?\}:\$\{/],
  ["a path cut at slashes", /\bnew URL\([^)]*import\.meta\.url\)\.pathname/],
];

describe("what runs on Windows, too", () => {
  it("is looked at", () => {
    expect(sources.length).toBeGreaterThan(500);
    expect(NOT_THERE.map(([, pattern]) => SAMPLES.filter((line) => pattern.test(line)).length)).toEqual([2, 2, 1, 1]);
  });

  it.each(NOT_THERE)("doesn't use %s", (_what, pattern) => {
    const found = sources.filter((path) =>
      readFileSync(join(ROOT, path), "utf8")
        .split("\n")
        .some((line) => pattern.test(line) && !/^\s*(?:\/\/|\*|- local)/.test(line)),
    );
    expect(found).toEqual([]);
  });
});

/** Each is caught, or the patterns are worth nothing. */
const SAMPLES = [
  'execFileSync("npm", ["ci"])',
  'spawnSync("npx", ["vitest"])',
  'join(root, "node_modules/.bin/tsc")',
  'join(root, "node_modules/.bin", tool)',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what is looked for
  '`${join(root, "node_modules/.bin")}:${process.env.PATH}`',
  "const root = new URL('..', import.meta.url).pathname;",
];

describe("a test that needs what Windows hasn't got", () => {
  const NEEDS =
    /"mkfifo"|\.signal\("SIG|kill\("SIG(?:TERM|INT|STOP)"|unix:(?:\/tmp|\$\{)|symlinkSync\((?!.*"junction")|0o444/;
  const tests = sources.filter((path) => /\.test\.ts$/.test(path));

  it.each(tests.filter((path) => NEEDS.test(readFileSync(join(ROOT, path), "utf8"))))("%s says so", (path) => {
    const says = path in NOT_ON_WINDOWS || /win32|existsSync\("\/dev/.test(readFileSync(join(ROOT, path), "utf8"));
    expect(says).toBe(true);
  });

  it("is one that there is", () => {
    expect(Object.keys(NOT_ON_WINDOWS).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

describe("a program of npm's", () => {
  it.each(["npm", "tsc", "buf", "biome", "vitest", "protoc-gen-es"])("is started by Node: %s", (name) => {
    const [file, [script = "", ...rest]] = program(name, ["--version"]);
    expect(file).toBe(process.execPath);
    expect(existsSync(script)).toBe(true);
    expect(rest).toEqual(["--version"]);
  });

  it("is one that is known", () => {
    expect(() => program("leftpad")).toThrow("leftpad");
  });
});

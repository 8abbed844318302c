import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compileSource } from "./compile-source.js";

// What `npm run corpus -- <git URL>` takes: a repository that nobody has on their disk, by any URL that git knows.

let folder: string;
let url: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "accord-repository-"));
  const [work, bare] = [join(folder, "work"), join(folder, "repository.git")];
  git(folder, "init", "--quiet", "--initial-branch", "main", work);
  for (const [name, branch] of [
    ["two-packages-one-folder", "main"],
    ["no-package", "more"],
  ] as const) {
    git(work, "checkout", "--quiet", "-B", branch);
    cpSync(join(import.meta.dirname, "../cases", name), join(work, "protos", name), { recursive: true });
    git(work, "add", ".");
    git(work, "-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", name);
  }
  git(work, "checkout", "--quiet", "main");
  git(folder, "clone", "--quiet", "--bare", work, bare);
  url = pathToFileURL(bare).href;
});
afterAll(() => rmSync(folder, { recursive: true }));

function git(cwd: string, ...args: readonly string[]): void {
  execFileSync("git", args, { cwd, stdio: "pipe" });
}

it("compiles a repository's default branch", () => {
  const { own, broken } = compileSource({ source: url, roots: [] });
  expect(own).toEqual(["a.proto", "b.proto"].map((name) => `protos/two-packages-one-folder/x/${name}`));
  expect(broken).toEqual([]);
});

it("compiles another branch of it", () => {
  const { own } = compileSource({ source: `${url}#more`, roots: ["protos/no-package"] });
  expect(own).toEqual(["deep/two.proto", "one.proto"]);
});

it("says which repository can't be had", () => {
  expect(() => compileSource({ source: `${url}#absent`, roots: [] })).toThrow(`${url}#absent can't be cloned`);
});

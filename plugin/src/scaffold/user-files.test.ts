import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { displayPath, listSources, readUserFile, UserFileError, writeUserFile } from "./user-files.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "accord-files-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function put(path: string, content: string | Uint8Array = ""): string {
  const file = join(folder, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, content);
  return file;
}

describe("the sources in a folder", () => {
  it("are TypeScript that may hold a class", () => {
    for (const path of ["b.ts", "a/c.mts", "a/d.cts", "a/e.tsx"]) {
      put(path);
    }
    for (const path of ["a.d.ts", "a.test.ts", "a.spec.tsx", "a.js", "node_modules/m.ts", ".git/x.ts", "gen/g.ts"]) {
      put(path);
    }
    const found = listSources(folder, join(folder, "gen")).map((path) => displayPath(folder, path));
    expect(found).toEqual(["a/c.mts", "a/d.cts", "a/e.tsx", "b.ts"]);
  });

  it("are each listed once, whatever links there are", () => {
    put("real.ts");
    symlinkSync(join(folder, "real.ts"), join(folder, "link.ts"));
    symlinkSync(join(folder, "nowhere.ts"), join(folder, "dangling.ts"));
    symlinkSync(folder, join(folder, "circle"));
    expect(listSources(folder, undefined)).toEqual([join(folder, "real.ts")]);
  });

  it("are none in a folder that isn't there", () => {
    expect(listSources(join(folder, "none"), undefined)).toEqual([]);
  });
});

describe("a file", () => {
  it.each([
    ["with a byte order mark", "\uFEFFconst a = 1;\r\n"],
    ["without one", "const a = 'ä€😀';"],
  ])("%s keeps every byte when it is written back", (_, content) => {
    const path = put("a.ts", content);
    const file = readUserFile(path);
    expect(file.text.startsWith("\uFEFF")).toBe(false);
    expect(file.damage).toBeUndefined();
    writeUserFile(file);
    expect(readFileSync(path, "utf8")).toBe(content);
  });

  it("that isn't UTF-8 says so", () => {
    expect(readUserFile(put("a.ts", Uint8Array.of(0x61, 0xff, 0x62))).damage).toContain("isn't valid UTF-8");
  });

  it("keeps its permissions, and leaves nothing beside it", () => {
    const path = put("a.ts", "old");
    chmodSync(path, 0o664);
    writeUserFile({ ...readUserFile(path), text: "new" });
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(lstatSync(path).mode & 0o777).toBe(0o664);
    expect(readdirSync(folder)).toEqual(["a.ts"]);
  });

  it("gets the folders that it needs", () => {
    const path = join(folder, "a/b/c.ts");
    writeUserFile({ path, text: "x", byteOrderMark: false, damage: undefined });
    expect(readFileSync(path, "utf8")).toBe("x");
  });

  const refusals: readonly [name: string, prepare: (path: string) => void, reason: string][] = [
    [
      "that is a symbolic link",
      (path) => symlinkSync(put("elsewhere.ts", "kept"), path),
      "is a symbolic link, and writing would replace the link",
    ],
    ["that is a dangling link", (path) => symlinkSync(join(folder, "none.ts"), path), "is a symbolic link"],
    ["that is a folder", (path) => mkdirSync(path), "isn't a file"],
    [
      "that is read-only",
      (path) => {
        writeFileSync(path, "kept");
        chmodSync(path, 0o444);
      },
      "is read-only",
    ],
  ];
  it.each(refusals)("%s isn't written", (_, prepare, reason) => {
    const path = join(folder, "a.ts");
    prepare(path);
    const before = readdirSync(folder);
    const write = () => writeUserFile({ path, text: "new", byteOrderMark: false, damage: undefined });
    expect(write).toThrow(UserFileError);
    expect(write).toThrow(`${path} ${reason}`);
    expect(readdirSync(folder)).toEqual(before);
  });

  it("below something that isn't a folder can't be written", () => {
    const path = join(put("a.ts"), "b.ts");
    expect(() => writeUserFile({ path, text: "", byteOrderMark: false, damage: undefined })).toThrow(
      "can't be written: a part of its path isn't a folder",
    );
  });
});

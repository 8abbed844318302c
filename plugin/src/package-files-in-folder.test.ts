import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { packageFilesIn } from "./package-files-in-folder.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "accord-package-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const service = (pkg: string, name = "S") => `syntax = "proto3";\n${pkg && `package ${pkg};\n`}service ${name} {}\n`;
const find = (pkg: string, files: string[], known = files) =>
  packageFilesIn(folder, (path) => known.includes(path))(pkg, files);

it("finds the files of a package wherever they lie below the folder that imports begin at", () => {
  put("proto/a/a.proto", service("shop.v1", "A"));
  put("proto/a/b.proto", service("shop.v1", "B"));
  put("proto/z/y/c.proto", service("shop . /* the first */ v1", "C"));
  put(
    "proto/z/errors.proto",
    'package shop.v1; import "accord/v1/options.proto"; enum E { option (accord.v1.errors) = {}; ZERO = 0; }',
  );
  expect(find("shop.v1", ["a/a.proto"])).toEqual(["a/b.proto", "z/errors.proto", "z/y/c.proto"]);
  expect(find("shop.v1", ["a/a.proto"], ["a/a.proto", "a/b.proto"])).toEqual(["z/errors.proto", "z/y/c.proto"]);
});

it.each([
  ["another package", service("shop.v1.more")],
  ["a package that its comment names", `// package shop.v1;\n${service("shop.v2")}`],
  ["messages alone", "package shop.v1; message M { string service = 1; } // service S {}"],
  ["the same text", service("shop.v1", "A")],
  ["no proto file", "package shop.v1 service"],
])("passes by %s", (_, text) => {
  put("proto/a/a.proto", service("shop.v1", "A"));
  put("proto/a/b.proto", text);
  put("proto/node_modules/other/c.proto", service("shop.v1", "C"));
  put("elsewhere/d.proto", service("shop.v1", "D"));
  expect(find("shop.v1", ["a/a.proto"])).toEqual([]);
});

it("passes by what lies beside a copy alone", () => {
  put("build/a.proto", service("shop.v1", "A"));
  put("build/old.proto", service("shop.v1", "Old"));
  put("proto/a.proto", service("shop.v1", "A"));
  expect(find("shop.v1", ["a.proto"])).toEqual([]);
  put("proto/old.proto", service("shop.v1", "Old"));
  expect(find("shop.v1", ["a.proto"])).toEqual(["old.proto"]);
});

it("follows no path that leads out of the folder", () => {
  put("above.proto", service("shop.v1", "Above"));
  put("proto/a.proto", service("shop.v1", "A"));
  const below = packageFilesIn(join(folder, "proto"), () => false);
  expect(below("shop.v1", ["../above.proto"])).toEqual([]);
  expect(below("../shop.v1", ["a.proto"])).toEqual([]);
});

it("looks beside the files of a run and in the package's folder, however much lies elsewhere", () => {
  for (let index = 0; index < 310; index++) {
    put(`proto/a${String(index).padStart(3, "0")}/x.proto`, service("other.v1"));
  }
  put("proto/z/a.proto", service("shop.v1", "A"));
  put("proto/z/b.proto", service("shop.v1", "B"));
  put("proto/shop/v1/c.proto", service("shop.v1", "C"));
  expect(find("shop.v1", ["z/a.proto"])).toEqual(["shop/v1/c.proto", "z/b.proto"]);
});

it("takes files without a package for related in one folder only", () => {
  put("a/a.proto", service("", "A"));
  put("a/b.proto", service("", "B"));
  put("c/c.proto", service("", "C"));
  expect(find("", ["a/a.proto"])).toEqual(["a/b.proto"]);
});

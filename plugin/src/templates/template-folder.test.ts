import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { builtInFolder, readTemplates } from "./template-folder.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "accord-templates-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("readTemplates", () => {
  it("reads the built-in ones, in order, and nothing that isn't a template", () => {
    const names = readTemplates("k8s").map(({ name }) => name);
    expect(names).toContain("deployment.yaml");
    expect(names).toEqual([...names].sort());
    expect(names.filter((name) => name.includes("README"))).toEqual([]);
    expect(readTemplates("k8s")[0]?.file).toMatch(/^templates\/k8s\/.*\.hbs$/);
  });

  it("takes a user's in the place of the built-in one of that name, and adds others", () => {
    mkdirSync(join(folder, "k8s"));
    writeFileSync(join(folder, "k8s/deployment.yaml.hbs"), "mine: 1\r\n");
    writeFileSync(join(folder, "k8s/ingress.yaml.hbs"), "more: 1\n");
    writeFileSync(join(folder, "k8s/notes.txt"), "not a template");
    const own = readTemplates("k8s", folder);
    const added = own.filter(({ file }) => file.startsWith(folder));
    expect(added).toEqual([
      { name: "deployment.yaml", file: `${folder}/k8s/deployment.yaml.hbs`, text: "mine: 1\n" },
      { name: "ingress.yaml", file: `${folder}/k8s/ingress.yaml.hbs`, text: "more: 1\n" },
    ]);
    expect(own).toHaveLength(readTemplates("k8s").length + 1);
  });

  it("leaves alone the artifacts that a user has no templates for", () => {
    mkdirSync(join(folder, "k8s"));
    expect(readTemplates("docs", folder)).toEqual(readTemplates("docs"));
  });

  it("doesn't pass over one that lacks the extension", () => {
    mkdirSync(join(folder, "k8s"));
    writeFileSync(join(folder, "k8s/deployment.yaml"), "mine: 1\n");
    expect(() => readTemplates("k8s", folder)).toThrow(
      `${folder}/k8s/deployment.yaml: error TEMPLATE: a template's name ends in .hbs: call it deployment.yaml.hbs`,
    );
    expect(readTemplates("docs", folder)).toEqual(readTemplates("docs"));
  });

  it("says what is wrong with a folder", () => {
    const absent = join(folder, "absent");
    expect(() => readTemplates("k8s", absent)).toThrow(`${absent}: error TEMPLATE: it can't be read: ENOENT`);
    expect(() => readTemplates("k8s", folder)).toThrow(
      `${folder}: error TEMPLATE: the plugin option "templates" names this folder, but there is no k8s/ and no docs/ in it.`,
    );
    mkdirSync(join(folder, "k8s/deployment.yaml.hbs"), { recursive: true });
    expect(() => readTemplates("k8s", folder)).toThrow(
      `${folder}/k8s/deployment.yaml.hbs: error TEMPLATE: it can't be read: it is a folder, and a file is expected`,
    );
  });
});

describe("builtInFolder", () => {
  it("is the checkout's, not the copy that a build leaves in the package", () => {
    expect(existsSync(join(builtInFolder(), "../plugin/package.json"))).toBe(true);
  });
});

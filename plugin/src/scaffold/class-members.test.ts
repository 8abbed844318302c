import { describe, expect, it } from "vitest";
import { classMembers, type ReadImported } from "./class-members.js";
import { classesOf } from "./servicer-class.js";
import { parseTypeScript } from "./typescript-source.js";

function members(text: string, imported: Readonly<Record<string, string>> = {}) {
  const source = parseTypeScript("/user/a.ts", text);
  expect(source.problem).toBeUndefined();
  const node = classesOf(source.root).at(-1);
  if (node === undefined) {
    throw new Error("no class");
  }
  const read: ReadImported = (_, specifier) => {
    const other = imported[specifier];
    return other === undefined ? undefined : parseTypeScript(specifier, other);
  };
  const { names, unseen } = classMembers(source, node, read);
  return { names: [...names], unseen };
}

describe("a class has", () => {
  const forms: readonly [form: string, member: string][] = [
    ["a method", "transfer() {}"],
    ["a decorated method", "@retry({ times: 2 }) async transfer() {}"],
    ["overloads", "transfer(a: string): void; transfer(a: number): void; transfer(a: any) {}"],
    ["a generator", "async *transfer() {}"],
    ["an arrow function", "transfer = async () => {}"],
    ["a field without a value", "transfer!: () => void"],
    ["an optional field", "transfer?: () => void"],
    ["a getter", "get transfer() { return () => {} }"],
    ["an auto-accessor", "accessor transfer = 1"],
    ["a quoted name", '"transfer"() {}'],
    ["a computed literal", "['transfer']() {}"],
    ["a private method", "private transfer() {}"],
    ["a parameter property", "constructor(private readonly transfer: () => void) {}"],
    ["an abstract method", "abstract transfer(): void"],
  ];
  it.each(forms)("%s", (_, member) => {
    expect(members(`abstract class A { ${member} }`)).toEqual({ names: ["transfer"], unseen: undefined });
  });
});

describe("a class doesn't have", () => {
  const forms: readonly [form: string, member: string][] = [
    ["a static method", "static transfer() {}"],
    ["a static field", "static transfer = 1"],
    ["a #private method", "#transfer() {}"],
    ["a constructor's ordinary parameter", "constructor(transfer: () => void) {}"],
    ["what a method declares", "x() { class B { transfer() {} } }"],
    ["well-known symbols", "[Symbol.asyncDispose]() {}"],
    ["an index signature", "[transfer: string]: unknown"],
  ];
  it.each(forms)("%s", (_, member) => {
    const source = parseTypeScript("/user/a.ts", `class A { ${member} }`);
    const [node] = classesOf(source.root);
    const found = node && classMembers(source, node, () => undefined);
    expect(found?.names.has("transfer")).toBe(false);
    expect(found?.unseen).toBeUndefined();
  });
});

describe("inherited members", () => {
  it("come from classes of the same file, through several levels", () => {
    const text =
      "class A { a() {} static s() {} }\nconst B = class extends A { b() {} };\nclass C extends B<string> { c() {} }";
    expect(members(text)).toEqual({ names: ["c", "b", "a"], unseen: undefined });
  });

  it("come from files that are imported by relative paths", () => {
    const text = 'import { Base as Other } from "./base.js";\nimport Deep from "./deep.js";\nclass C extends Other {}';
    const imported = {
      "./base.js": 'import Deep from "./deep.js";\nexport class Base extends Deep { b() {} }\nclass Deep2 {}',
      "./deep.js": "export default class { d() {} }",
    };
    expect(members(text, imported)).toEqual({ names: ["b", "d"], unseen: undefined });
  });

  it("come from an interface that merges with the class", () => {
    expect(members("interface C { a(): void; b: number }\nclass C {}").names).toEqual(["a", "b"]);
  });

  it("end where a class extends itself, or null", () => {
    expect(members("class A extends A { a() {} }")).toEqual({ names: ["a"], unseen: undefined });
    expect(members("class A extends null { a() {} }")).toEqual({ names: ["a"], unseen: undefined });
  });
});

describe("members that can't be seen", () => {
  it.each([
    ['import { Base } from "some-package";\nclass A extends Base {}', "Base"],
    ["class A extends mixin(Object) {}", "mixin(Object)"],
    ["class A extends bases.Ledger<string> {}", "bases.Ledger"],
    ["class A { [names.transfer]() {} }", "[names.transfer]"],
    ['import { Base } from "./missing.js";\nclass A extends Base {}', "Base"],
  ])("%s", (text, unseen) => {
    expect(members(text).unseen).toBe(unseen);
  });
});

import { createEcmaScriptPlugin } from "@bufbuild/protoplugin";
import { describe, expect, it } from "vitest";
import { greetRequest } from "../../request.fixture.js";
import { FileSet, finishTypeScript } from "../file-set.js";
import type { TypeScriptFile } from "./typescript-file.js";

/** What becomes of files that are printed one after the other. */
function finished(...prints: readonly ((file: TypeScriptFile) => void)[]): string[] {
  const plugin = createEcmaScriptPlugin({
    name: "test",
    version: "",
    generateTs(schema) {
      const output = new FileSet(schema, { parameter: "", tsNocheck: false, elidePluginVersion: true });
      const files = prints.map((_, index) => output.typescript(`greet/v1/file${index}`, { package: "greet.v1" }));
      for (const [index, file] of files.entries()) {
        prints[index]?.(file);
      }
      output.complete();
    },
  });
  return plugin.run(greetRequest("target=ts,import_extension=js")).file.map(({ content }) => finishTypeScript(content));
}

describe("TypeScriptFile", () => {
  it("imports what is printed", () => {
    const [content] = finished((file) => {
      file.print`${file.library("a", "x")}(${[["nested: "], file.runtime("Status")]});`;
      file.print``;
      file.print`${file.library("a", "x")}();`;
    });
    expect(content).toBe(
      'import { Status } from "@accord-grpc/runtime/codegen/v1";\nimport { a } from "x";\n\na(nested: Status);\n\na();\n',
    );
  });

  it("imports nothing that is asked for, but not printed", () => {
    const [content] = finished((file) => {
      file.library("a", "x");
      file.print`const b = 1;`;
    });
    expect(content).toBe("const b = 1;\n");
  });

  it("gives imports an alias where a name is taken, whenever that is printed", () => {
    const [content] = finished((file) => {
      file.print`f(${file.library("Foo", "x")}, ${file.library("Foo", "y")}, ${file.library("bar", "y")});`;
      file.print`${file.export("const", "Foo")} = ${file.own("bar")};`;
    });
    expect(content).toContain('import { Foo as Foo$1 } from "x";');
    expect(content).toContain('import { bar as bar$1, Foo as Foo$2 } from "y";');
    expect(content).toContain("f(Foo$1, Foo$2, bar$1);\nexport const Foo = bar;\n");
  });

  it("gives the first that is printed its name, rather than the first that is asked for", () => {
    const [content] = finished((file) => {
      const [asked, printed] = [file.library("a", "x"), file.library("a", "y")];
      file.print`${printed}(${asked});`;
    });
    expect(content).toContain("a(a$1);");
  });

  it("imports a type as a value where both are used", () => {
    const [content] = finished((file) => {
      file.print`type A = ${file.generatedType("A", "greet/v1/errors")};`;
      file.print`new ${file.generated("A", "greet/v1/errors")}();`;
      file.print`type B = ${file.generatedType("B", "greet/v1/errors")};`;
    });
    expect(content).toBe('import { A, type B } from "./errors.js";\n\ntype A = A;\nnew A();\ntype B = B;\n');
  });

  it("doesn't import from itself", () => {
    const [content] = finished((file) => {
      file.print`${file.export("class", "A")} {}`;
      file.print`new ${file.generated("A", "greet/v1/file0")}();`;
    });
    expect(content).toBe("export class A {}\nnew A();\n");
  });

  it("is printed beside others, and left out if nothing is printed", () => {
    const contents = finished(
      (file) => file.print`const a = 1;`,
      () => {},
      (file) => file.comment("", ["A comment."]),
    );
    expect(contents).toEqual(["const a = 1;\n", "/** A comment. */\n"]);
  });
});

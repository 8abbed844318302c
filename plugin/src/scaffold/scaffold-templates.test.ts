import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LEDGER } from "./ledger.fixture.js";
import { freshNames } from "./local-names.js";
import { namesForMethods, viewMethod } from "./method-view.js";
import { loadTemplates } from "./scaffold-templates.js";
import { DEFAULT_STYLE } from "./source-style.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "accord-templates-"));
  mkdirSync(join(folder, "scaffold"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const methods = LEDGER.methods.map((method) =>
  viewMethod(method, freshNames(namesForMethods(LEDGER.methods), []), DEFAULT_STYLE, 2),
);
const view = { service: LEDGER.service, className: "A", servicer: "B", imports: [], methods };

describe("a user's own template", () => {
  it("of a method is used in the file and for later insertions", async () => {
    writeFileSync(
      join(folder, "scaffold/_method.ts.hbs"),
      "{{name}}({{parameter}}: {{parameterType}}, context: {{contextType}}) {\r\n  return todo({{notImplemented}});\r\n}\r\n",
    );
    const templates = await loadTemplates(folder);
    const [transfer] = methods;
    expect(transfer && templates.method(transfer)).toBe(
      "transfer(request: TransferRequest, context: CallContext) {\n  return todo(unimplemented(context));\n}\n",
    );
    expect(templates.servicer(view)).toContain(
      "  watch(requests: AsyncIterable<WatchRequest>, context: CallContext) {\n    return todo(unimplemented(context));\n",
    );
    expect(templates.servicer(view)).toContain("export class A implements B {");
  });

  it("of the file keeps the built-in method", async () => {
    writeFileSync(
      join(folder, "scaffold/servicer.ts.hbs"),
      "class {{className}} {\n{{#each methods}}\n  {{> method}}\n{{/each}}\n}\n",
    );
    expect((await loadTemplates(folder)).servicer(view)).toContain("class A {\n  async transfer(");
  });

  it("that reads what isn't there is reported with its place", async () => {
    writeFileSync(join(folder, "scaffold/_method.ts.hbs"), "\n  {{nam}}\n");
    const templates = await loadTemplates(folder);
    expect(() => templates.servicer(view)).toThrow(`${join(folder, "scaffold")}/_method.ts.hbs:2:3: error TEMPLATE`);
  });

  it("folder with neither is a mistake", async () => {
    await expect(loadTemplates(join(folder, "none"))).rejects.toThrow(
      "neither servicer.ts.hbs nor _method.ts.hbs is in it",
    );
  });
});

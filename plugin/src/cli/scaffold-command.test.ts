import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { accord, ProtoFolder } from "./cli.fixture.js";

const PROTO = (...rpcs: string[]) => `syntax = "proto3";
package shop.v1;
service ShopService {
${rpcs.map((rpc) => `  rpc ${rpc};`).join("\n")}
}
service StockService {
  rpc Count(Request) returns (Request);
}
message Request {}
`;
const BUY = "Buy(Request) returns (Request)";
const WATCH = "Watch(stream Request) returns (stream Request)";

let project: ProtoFolder;
beforeEach(() => {
  project = new ProtoFolder({ "protos/shop/v1/shop.proto": PROTO(BUY) }).installBuf();
});
afterEach(() => project.remove());

function scaffold(...argv: string[]) {
  return accord(["scaffold", "protos", ...argv], { cwd: project.path });
}

describe("accord scaffold", () => {
  it("writes classes, then only inserts what is missing", async () => {
    expect(await scaffold("--out", "src/apps")).toEqual({
      code: 0,
      stdout: `created   src/apps/shop-servicer.ts  ShopServicer for shop.v1.ShopService: buy
created   src/apps/stock-servicer.ts  StockServicer for shop.v1.StockService: count
`,
      stderr:
        "There is no generated code in src/gen yet, which the imports point to. Run buf generate, or pass its folder with --gen.\n",
    });
    const before = project.read("src/apps/shop-servicer.ts");
    expect(before).toContain('} from "../gen/shop/v1/shop_servicer.js";');
    expect(await scaffold("-o", "src/apps")).toEqual({
      code: 0,
      stdout:
        "complete  src/apps/shop-servicer.ts  ShopServicer\ncomplete  src/apps/stock-servicer.ts  StockServicer\n",
      stderr: "",
    });
    expect(project.read("src/apps/shop-servicer.ts")).toBe(before);

    project.put("protos/shop/v1/shop.proto", PROTO("Sell(Request) returns (Request)", WATCH));
    expect(await scaffold("--out", "src/apps", "--check")).toMatchObject({
      code: 1,
      stdout: `missing   src/apps/shop-servicer.ts  ShopServicer: sell, watch
stale     src/apps/shop-servicer.ts:8:9  shop.v1.ShopService has no method buy any more. Nothing is removed: that is for you to do.
complete  src/apps/stock-servicer.ts  StockServicer

Run the command without --check to write what is missing.
`,
    });
    expect(project.read("src/apps/shop-servicer.ts")).toBe(before);
    expect(await scaffold("--out", "src/apps")).toMatchObject({ code: 0 });
    const after = project.read("src/apps/shop-servicer.ts");
    expect(after).toContain("async *watch(");
    expect(after).toContain("async buy(");
    expect(await scaffold("--out", "src/apps", "--check")).toMatchObject({ code: 0 });
  });

  it("guesses that a method was renamed", async () => {
    await scaffold("--out", "src");
    project.put("protos/shop/v1/shop.proto", PROTO("Buyy(Request) returns (Request)"));
    expect((await scaffold("--out", "src", "--check")).stdout).toContain("Was it renamed to buyy?");
  });

  it("writes tests, then only adds the cases that the contract adds", async () => {
    const catalog = (...values: readonly string[]) => `
import "accord/v1/options.proto";
enum ShopErrorCode {
  option (accord.v1.errors) = {};
  SHOP_ERROR_CODE_UNSPECIFIED = 0;
${values.map((value, index) => `  SHOP_ERROR_CODE_${value} = ${index + 1} [(accord.v1.error) = {status: NOT_FOUND}];`).join("\n")}
}
`;
    const shop = (...raises: readonly string[]) =>
      PROTO(
        `Buy(Request) returns (Request) { option (accord.v1.method) = {raises: ${JSON.stringify(raises)}}; }`,
      ).replace("package shop.v1;", `package shop.v1;${catalog(...raises)}`);
    const only = ["--out", "src", "--tests", "--service", "ShopService"];
    project.put("protos/shop/v1/shop.proto", shop("GONE"));
    expect(
      (await scaffold(...only, "--runner", "node")).stdout,
    ).toBe(`created   src/shop-servicer.ts  ShopServicer for shop.v1.ShopService: buy
created   src/shop-servicer.test.ts  tests of shop.v1.ShopService: 2 cases, to be filled in
`);
    const before = project.read("src/shop-servicer.test.ts");
    expect(before).toContain('from "node:test"');
    project.put("protos/shop/v1/shop.proto", shop("GONE", "SOLD"));
    expect(await scaffold(...only, "--check")).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(
        "missing   src/shop-servicer.test.ts  tests of shop.v1.ShopService: buy raises SOLD\n\nRun the command without",
      ),
    });
    expect(project.read("src/shop-servicer.test.ts")).toBe(before);
    expect((await scaffold(...only)).stdout).toContain(
      "inserted  src/shop-servicer.test.ts  tests of shop.v1.ShopService: buy raises SOLD",
    );
    expect(project.read("src/shop-servicer.test.ts")).toContain('  it("raises SOLD", async () => {');
    expect(await scaffold(...only, "--check")).toMatchObject({ code: 0 });

    project.put("src/shop-servicer.test.ts", "describe(");
    expect(await scaffold(...only)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("refused   src/shop-servicer.test.ts"),
    });
    expect((await scaffold(...only, "--runner", "mocha")).stderr).toContain(
      '--runner takes vitest, jest or node: "mocha"',
    );
  });

  it("tells what a first run would write, with --check", async () => {
    expect(await scaffold("--out", "src", "--check")).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("missing   src/shop-servicer.ts  ShopServicer for shop.v1.ShopService: buy\n"),
    });
    expect(existsSync(join(project.path, "src"))).toBe(false);
  });

  it("takes single services, by name", async () => {
    expect((await scaffold("--out", "src", "--service", "stockservice")).stdout).toBe(
      "created   src/stock-servicer.ts  StockServicer for shop.v1.StockService: count\n",
    );
    expect(await scaffold("--out", "src", "--service", "StokService")).toMatchObject({
      code: 2,
      stderr:
        'accord: There is no service "StokService". Did you mean shop.v1.StockService?\nThere are:\n  shop.v1.ShopService\n  shop.v1.StockService\n',
    });
  });

  it("finds generated code, and spells imports as it does", async () => {
    project.put("generated/shop/v1/shop_servicer.ts", "import type { Request } from './shop_pb';\n");
    const { stderr } = await scaffold("--out", "src");
    expect(stderr).toBe("");
    expect(project.read("src/shop-servicer.ts")).toContain('from "../generated/shop/v1/shop_pb";');
  });

  it("spells imports as it is told", async () => {
    await scaffold("--out", "src", "--gen", "lib/code", "--import-extension", "ts");
    expect(project.read("src/shop-servicer.ts")).toContain('from "../lib/code/shop/v1/shop_pb.ts";');
    expect((await scaffold("--out", "src", "--import-extension", "mjs")).stderr).toContain(
      '--import-extension takes js, ts or none: "mjs" is none of them.',
    );
  });

  it("writes nothing at all if one file can't be changed", async () => {
    project.put(
      "src/broken.ts",
      'import { ShopServiceServicer } from "./gen/shop/v1/shop_servicer.js";\nclass A implements ShopServiceServicer {\n',
    );
    expect(await scaffold("--out", "src")).toMatchObject({
      code: 1,
      stdout: `refused   src/broken.ts:3:1  '}' expected. The file doesn't parse, so nothing is inserted. Mend it, then run the command again.
missing   src/stock-servicer.ts  StockServicer for shop.v1.StockService: count

Nothing was written.
`,
    });
    expect(existsSync(join(project.path, "src/stock-servicer.ts"))).toBe(false);
  });

  it("renders the user's own templates", async () => {
    project.put("mine/scaffold/_method.ts.hbs", "{{name}}() {\n  return todo();\n}\n");
    await scaffold("--out", "src", "--templates", "mine");
    expect(project.read("src/shop-servicer.ts")).toContain("  buy() {\n    return todo();\n  }\n");
    project.put("mine/scaffold/_method.ts.hbs", "{{nam}}\n");
    const broken = await scaffold("--out", "other", "--templates", "mine");
    expect(broken).toMatchObject({ code: 2, stdout: "" });
    expect(broken.stderr).toContain("mine/scaffold/_method.ts.hbs:1:1: error TEMPLATE: ");
  });

  it("writes nothing that doesn't parse, whatever the user's own templates give", async () => {
    project.put("mine/scaffold/_method.ts.hbs", "{{name}} garbage (\n");
    const { code, stdout } = await scaffold("--out", "src", "--templates", "mine");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^refused {3}src\/shop-servicer\.ts {2}What the templates give doesn't parse: /);
    expect(stdout).toContain('"buy garbage (". Mend the template.');
    expect(existsSync(join(project.path, "src/shop-servicer.ts"))).toBe(false);
  });

  it("needs a folder, better not that of generated code", async () => {
    expect(await scaffold()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Where are the classes to go?"),
    });
    expect(await scaffold("--out", "src/gen/apps")).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("src/gen/apps is in the folder of generated code. If buf generate empties it"),
    });
  });

  it.skipIf(process.platform === "win32")("says what keeps it from writing, as the mode of a file", async () => {
    project.put("src", "a file");
    expect(await scaffold("--out", "src")).toMatchObject({ code: 2, stdout: "" });
    project.put(
      "apps/shop-servicer.ts",
      "import type { ShopServiceServicer } from 'x'; class A implements ShopServiceServicer {}",
    );
    chmodSync(join(project.path, "apps/shop-servicer.ts"), 0o444);
    expect(await scaffold("--out", "apps")).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("refused   apps/shop-servicer.ts  is read-only."),
    });
  });

  it("tells the contract's errors instead of writing", async () => {
    const text = `import "accord/v1/options.proto";\nservice BadService {\n  option (accord.v1.service).raises = "NOPE";\n}\nmessage`;
    project.put("protos/shop/v1/shop.proto", PROTO(BUY).replace("message", text));
    const { code, stdout, stderr } = await scaffold("--out", "src");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      /^accord: protos has errors in its contract:\nprotos\/shop\/v1\/shop\.proto:\d+:\d+: error RAISES_UNKNOWN: /,
    );
  });
});

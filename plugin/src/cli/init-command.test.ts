import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { program } from "../../../scripts/programs.mjs";
import { VERSION } from "../version.js";
import { accord, type Outcome, ProtoFolder, ROOT } from "./cli.fixture.js";

let folder: ProtoFolder;
beforeEach(() => {
  folder = ProtoFolder.empty();
});
afterEach(() => folder.remove());

const init = (...argv: string[]): Promise<Outcome> => accord(["init", ...argv], { cwd: folder.path });
const files = (): string =>
  execFileSync("git", ["ls-files", "--others", "--cached"], { cwd: folder.path, encoding: "utf8" });
const git = (...args: string[]): string => {
  const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
  return execFileSync("git", [...who, ...args], { cwd: folder.path, encoding: "utf8", stdio: "pipe" });
};
const buf = (...args: string[]): string =>
  execFileSync(...program("buf", args), { cwd: folder.path, encoding: "utf8", stdio: "pipe" });

const SERVICE = `syntax = "proto3";

package shop.v1;

import "accord/v1/options.proto";

service ShopService {
  rpc Buy(BuyRequest) returns (BuyResponse) {
    option (accord.v1.method).call.timeout = "5s";
  }
}

message BuyRequest {
  string item = 1;
}

message BuyResponse {}
`;

describe("accord init in an empty folder", () => {
  it("writes all that is missing, once", async () => {
    git("init", "--quiet", "--initial-branch=main");
    const { code, stdout } = await init();
    expect(code).toBe(0);
    expect(files().trim().split("\n").sort()).toEqual([
      ".github/workflows/contract.yml",
      "buf.gen.yaml",
      "buf.yaml",
      "package.json",
      "proto/accord/v1/options.proto",
    ]);
    expect(stdout.match(/^written /gm)).toHaveLength(5);
    expect(folder.read("proto/accord/v1/options.proto")).toMatch(new RegExp(`^// .* ${VERSION}\\. .*accord init`));

    git("add", "--all");
    const again = await init();
    expect(again.stdout.match(/^kept /gm)).toHaveLength(5);
    expect(git("diff")).toBe("");
    expect(await init("--check")).toMatchObject({ code: 0 });
  });

  it("makes one in which buf's and Accord's commands work, against any version in git", async () => {
    git("init", "--quiet", "--initial-branch=main");
    folder.installBuf();
    folder.put(".gitignore", "node_modules\n");
    await init();
    git("add", "--all");
    git("commit", "--quiet", "--message=Set up");
    folder.put("proto/shop/v1/shop.proto", SERVICE);
    expect(folder.read("buf.yaml")).toContain(
      "plugin: node_modules/@accord-grpc/protoc-gen-accord/bin/buf-plugin-accord\n",
    );
    const against = ["breaking", "--against", ".git#branch=main"];
    expect(buf("lint")).toBe("");
    expect(buf(...against)).toBe("");
    // Nothing was there to break yet.
    expect(await accord(against, { cwd: folder.path })).toMatchObject({ code: 0 });
    expect(await accord(["lint"], { cwd: folder.path })).toMatchObject({ code: 0, stdout: "" });

    git("add", "proto");
    git("commit", "--quiet", "--message=Sell");
    folder.put(
      "proto/shop/v1/shop.proto",
      SERVICE.replace('"5s"', '"1s"').replace("string item = 1", "string item = 2"),
    );
    expect(() => buf(...against)).toThrow(
      expect.objectContaining({ stdout: expect.stringContaining("Buy had 5s and has 1s.") }),
    );
    const broken = await accord(against, { cwd: folder.path });
    expect(broken).toMatchObject({ code: 1, stdout: expect.stringContaining("TIMEOUT_LOWERED") });
  });

  it("writes nothing when asked not to, and fails where it is to", async () => {
    git("init", "--quiet");
    expect(await init("--dry-run")).toMatchObject({ code: 0, stdout: expect.stringContaining("missing  buf.yaml") });
    expect(await init("--check")).toMatchObject({ code: 1 });
    expect(files()).toBe("");
  });

  it("leaves CI out where there is no repository, or nobody wants it", async () => {
    await init();
    expect(existsSync(join(folder.path, ".github"))).toBe(false);
    git("init", "--quiet");
    await init("--ci", "none");
    expect(existsSync(join(folder.path, ".github"))).toBe(false);
    expect(await init("--ci", "jenkins")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--ci takes one of github, gitlab, none: "jenkins" is none.'),
    });
  });
});

describe("accord init in a project", () => {
  it("takes the layout of older versions apart, showing what changes", async () => {
    const bufYaml = `version: v2
# Ours, and Accord's.
modules:
  - path: protos
    name: buf.build/acme/shop
  - path: node_modules/@accord-grpc/protoc-gen-accord/proto
  # Mocks.
  - path: mocks
lint:
  use: [STANDARD]
`;
    const bufGenYaml = `version: v2
clean: true
plugins:
  - local: protoc-gen-es
    out: src/gen # ours
    opt: [target=ts]
  - local: [node, node_modules/.bin/protoc-gen-accord]
    out: src/gen
    opt:
      - target=ts # as above
  - local: protoc-gen-accord
    strategy: directory
    out: deploy
    opt: [artifacts=k8s]
`;
    folder.put("buf.yaml", bufYaml);
    folder.put("buf.gen.yaml", bufGenYaml);
    folder.put("protos/a.proto", "");
    const { code, stdout } = await init();
    expect(code).toBe(0);
    expect(folder.read("buf.yaml")).toBe(
      bufYaml.replace("  - path: node_modules/@accord-grpc/protoc-gen-accord/proto\n", ""),
    );
    expect(folder.read("buf.gen.yaml")).toBe(
      bufGenYaml.replace(
        "      - target=ts # as above\n",
        "      - target=ts # as above\n    strategy: all # one run sees all files of a package, wherever they lie\n",
      ),
    );
    expect(existsSync(join(folder.path, "protos/accord/v1/options.proto"))).toBe(true);
    expect(stdout).toContain("-   - path: node_modules/@accord-grpc/protoc-gen-accord/proto\n");
    expect(stdout).toContain("+     strategy: all # one run sees all files of a package, wherever they lie\n");
    expect((await init("--check")).code).toBe(0);
  });

  it.each([
    [
      "v2",
      "  - remote: buf.build/bufbuild/es\n    out: gen\n    opt: target=js,import_extension=none\n",
      "local: protoc-gen-accord",
    ],
    ["v1", "  - plugin: es\n    out: gen\n    opt: [target=js, import_extension=none]\n", "plugin: accord"],
  ])("adds its entry behind those of others: %s", async (version, es, accordEntry) => {
    const text = `version: ${version}\nplugins:\n${es}# The end.\n`;
    folder.put("buf.gen.yaml", text);
    await init();
    expect(folder.read("buf.gen.yaml")).toBe(
      text.replace(
        "# The end.\n",
        `  - ${accordEntry}
    out: gen
    opt: [target=js, import_extension=none]
    strategy: all # one run sees all files of a package, wherever they lie
# The end.
`,
      ),
    );
    expect((await init("--check")).code).toBe(0);
  });

  it.each([
    ["two spaces", '{\n  "name": "shop",\n  "files": ["dist"],\n  "scripts": {\n    "test": "vitest"\n  }\n}\n'],
    ["tabs, and no line break at the end", '{\n\t"scripts": {\n\t\t"test": "vitest"\n\t},\n\t"name": "shop"\n}'],
    ["no scripts", '{\n    "name": "shop",\n    "private": true\n}\n'],
    ["empty scripts", '{\n  "scripts": {},\n  "name": "shop"\n}\n'],
    ["one line", '{"name":"shop","scripts":{"test":"vitest"}}'],
    ["nothing", "{}\n"],
    ["a script of the same name", '{\n  "scripts": {\n    "generate": "prisma generate"\n  }\n}\n'],
    ["a script that does it", '{\n  "scripts": {\n    "gen": "rm -rf gen && buf generate --clean"\n  }\n}\n'],
  ])("adds scripts to a package.json with %s, and changes nothing else of it", async (_, text) => {
    folder.put("package.json", text);
    await init();
    const after = folder.read("package.json");
    const before = JSON.parse(text);
    const { scripts, ...others } = JSON.parse(after);
    expect(others).toEqual({ ...before, scripts: undefined });
    expect(scripts).toMatchObject(before.scripts ?? {});
    expect(Object.values(scripts).filter((command) => String(command).includes("buf generate"))).toHaveLength(1);
    expect(scripts.contract).toBe("buf lint && accord lint");
    for (const line of text.split("\n").filter((each) => /"(name|files|test)"/.test(each) && text.includes("\n"))) {
      expect(after).toContain(line.replace(/,?$/, ""));
    }
    expect((await init("--check")).code).toBe(0);
  });

  it("renews the contract language, and says what it changes", async () => {
    await init();
    const current = folder.read("proto/accord/v1/options.proto");
    folder.put("proto/accord/v1/options.proto", current.replace(VERSION, "0.0.1").replace("  string code = 2;\n", ""));
    const { stdout } = await init();
    expect(stdout).toMatch(/^changed {2}proto\/accord\/v1\/options\.proto\n(.*\n)*.*\+ {3}string code = 2;\n/m);
    expect(folder.read("proto/accord/v1/options.proto")).toBe(current);
    // As git for Windows checks files out.
    folder.put("proto/accord/v1/options.proto", current.replaceAll("\n", "\r\n"));
    expect((await init("--check")).code).toBe(0);
  });

  it("says what it can't change, and fails", async () => {
    folder.put("buf.gen.yaml", "version: v2\nplugins: [{local: protoc-gen-es, out: gen}]\n");
    folder.put("buf.yaml", "version: v2\nmodules: [\n");
    const { code, stdout } = await init();
    expect(code).toBe(1);
    expect(stdout).toContain("left     buf.gen.yaml can't be added to: give protoc-gen-accord an entry in it");
    expect(stdout).toContain("left     buf.yaml isn't understood");
    expect(folder.read("buf.gen.yaml")).toBe("version: v2\nplugins: [{local: protoc-gen-es, out: gen}]\n");
  });

  it.each([
    [{ "buf.yaml": "version: v1\n" }, [], "accord/v1/options.proto"],
    [{ "buf.work.yaml": "version: v1\ndirectories:\n  - api\n" }, [], "api/accord/v1/options.proto"],
    [{ "buf.yaml": "version: v2\nmodules:\n  - path: ./api/\n" }, [], "api/accord/v1/options.proto"],
    [{ "protos/a.proto": "" }, [], "protos/accord/v1/options.proto"],
    [{ "a/b.proto": "" }, ["--proto", "./a/"], "a/accord/v1/options.proto"],
  ])("finds the folder of the protos: %j %j", async (present, argv, path) => {
    for (const [name, text] of Object.entries(present)) {
      folder.put(name, text);
    }
    await init(...argv);
    expect(existsSync(join(folder.path, path))).toBe(true);
  });

  it("refuses a folder outside of the project", async () => {
    expect(await init("--proto", "../elsewhere")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("outside"),
    });
  });
});

describe("accord init for package managers", () => {
  const PACKAGE = (name: string) => JSON.stringify({ name, packageManager: undefined });

  it.each([
    ["npm", { "package-lock.json": "{}" }, "npm install --save-dev", "npx buf breaking", "npm ci"],
    [
      "pnpm",
      { "pnpm-lock.yaml": "" },
      "pnpm add --save-dev",
      "pnpm exec buf breaking",
      "pnpm install --frozen-lockfile",
    ],
    ["bun", { "bun.lock": "" }, "bun add --dev", "bunx buf breaking", "bun install --frozen-lockfile"],
    ["yarn 1", { "yarn.lock": "" }, "yarn add --dev", "yarn run buf breaking", "yarn install --frozen-lockfile"],
    [
      "yarn, plug'n'play",
      { "yarn.lock": "", ".pnp.cjs": "" },
      "yarn add --dev",
      "yarn run buf breaking",
      "yarn install --immutable",
    ],
    [
      "what package.json names",
      { "package.json": '{"packageManager": "pnpm@9.1.0"}', "yarn.lock": "" },
      "pnpm add",
      "pnpm exec",
      "pnpm install",
    ],
  ])("speaks %s", async (_, present, add, exec, install) => {
    git("init", "--quiet");
    for (const [name, text] of Object.entries(present)) {
      folder.put(name, text);
    }
    const { stdout } = await init();
    expect(stdout).toContain(`  ${add} `);
    expect(stdout).toContain(`  ${exec} `);
    expect(folder.read(".github/workflows/contract.yml")).toContain(`- run: ${install}`);
  });

  it("names only packages that are missing", async () => {
    const have = {
      dependencies: {
        "@accord-grpc/runtime": "1",
        "@grpc/grpc-js": "1",
        "@bufbuild/protobuf": "2",
        "@opentelemetry/api": "1",
      },
    };
    folder.put("package.json", JSON.stringify({ ...have, devDependencies: { typescript: "5", "@bufbuild/buf": "1" } }));
    const { stdout } = await init();
    expect(stdout).not.toContain("npm install @");
    expect(stdout).toContain("npm install --save-dev @accord-grpc/protoc-gen-accord @bufbuild/protoc-gen-es\n");
  });

  it.each([
    ["github", ".github/workflows/contract.yml"],
    ["gitlab", ".gitlab/contract.yml"],
  ])("writes the recipe for %s that docs/editor.md shows", async (system, path) => {
    git("init", "--quiet");
    await init("--ci", system);
    const recipe = folder.read(path);
    expect(parse(recipe)).toMatchObject({});
    expect(readFileSync(join(ROOT, "docs/editor.md"), "utf8")).toContain(`\`\`\`yaml\n${recipe}\`\`\`\n`);
  });

  it("checks with Accord's own commands where buf.yaml doesn't have the plugin", async () => {
    git("init", "--quiet");
    folder.put("buf.yaml", "version: v2\n");
    const { stdout } = await init();
    const recipe = folder.read(".github/workflows/contract.yml");
    expect(recipe).toContain("- run: npx accord lint --error-format=github-actions\n");
    expect(recipe).toContain("npx accord breaking --against '.git#branch=main' --error-format=github-actions\n");
    expect(stdout).toContain("docs/editor.md");
  });

  it("tells CI which pnpm to install, unless package.json does", async () => {
    git("init", "--quiet");
    folder.put("pnpm-lock.yaml", "");
    await init();
    const path = ".github/workflows/contract.yml";
    expect(folder.read(path)).toContain("- uses: pnpm/action-setup@v4\n        with:\n          version: latest\n");
    rmSync(join(folder.path, path));
    folder.put("package.json", '{"packageManager": "pnpm@12.21.0"}');
    await init();
    expect(folder.read(path)).toContain("- uses: pnpm/action-setup@v4\n      - uses: actions/setup-node@v4\n");
  });

  it("sets up a package of a workspace, and compares that", async () => {
    git("init", "--quiet", "--initial-branch=main");
    folder.put("pnpm-workspace.yaml", "packages: [packages/*]\n");
    folder.put("packages/shop/package.json", PACKAGE("shop"));
    mkdirSync(join(folder.path, "packages/shop/proto"), { recursive: true });
    const cwd = join(folder.path, "packages/shop");
    const { stdout } = await accord(["init"], { cwd });
    const against = "../../.git#branch=main,subdir=packages/shop";
    expect(stdout).toContain(`pnpm exec accord breaking --against '${against}'`);
    const recipe = folder.read(".github/workflows/contract-shop.yml");
    expect(recipe).toContain("working-directory: packages/shop");
    expect(recipe).toContain(`--against '${against}'`);

    folder.put("packages/shop/proto/shop/v1/shop.proto", SERVICE);
    git("add", "--all");
    git("commit", "--quiet", "--message=Sell");
    folder.installBuf();
    expect(await accord(["breaking", "--against", against], { cwd })).toMatchObject({ code: 0 });
  });

  it("has yarn start the plugin where Plug'n'Play holds the packages, of the folder or of the workspace around it", async () => {
    git("init", "--quiet");
    folder.put(".pnp.cjs", "");
    folder.put("packages/shop/package.json", PACKAGE("shop"));
    await accord(["init"], { cwd: join(folder.path, "packages/shop") });
    await init();
    for (const path of ["buf.yaml", "packages/shop/buf.yaml"]) {
      expect(folder.read(path)).toContain("plugin: [yarn, run, buf-plugin-accord]\n");
    }
  });

  it("writes GitLab's recipe where GitLab is used, and keeps one that is there", async () => {
    git("init", "--quiet");
    folder.put(".gitlab-ci.yml", "include:\n  - local: .gitlab/contract.yml\n");
    await init();
    expect(folder.read(".gitlab/contract.yml")).toContain("npx buf breaking --against '.git#branch=main'");
    folder.put(".gitlab/contract.yml", "mine: {}\n");
    await init();
    expect(folder.read(".gitlab/contract.yml")).toBe("mine: {}\n");
  });
});

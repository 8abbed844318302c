import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { program } from "../../scripts/programs.mjs";
import { codeBlocks } from "./code-blocks.js";
import { pack, publishedPackages } from "./packed-packages.js";

const run = promisify(execFile);
const README = join(import.meta.dirname, "../../README.md");
const PROTO = "proto/greeting/v1/greeting.proto";

// The quickstart with package managers that lay packages out otherwise than npm, which consumer.suite.ts has. Of pnpm, the last
// major that runs on Node 20.
const TOOLS = ["pnpm@10", "@yarnpkg/cli-dist@4"];

/** How a folder is made one of a package manager's. */
interface Layout {
  readonly manager: "pnpm" | "yarn";
  readonly exec: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

const YARN = "enableGlobalCache: false\nenableTelemetry: false\nenableImmutableInstalls: false\n";
const LAYOUTS: Readonly<Record<string, Layout>> = {
  pnpm: { manager: "pnpm", exec: ["exec"], files: { "pnpm-lock.yaml": "" } },
  "yarn, node_modules": {
    manager: "yarn",
    exec: ["run"],
    files: { "yarn.lock": "", ".yarnrc.yml": `${YARN}nodeLinker: node-modules\n` },
  },
  "yarn, Plug'n'Play": {
    manager: "yarn",
    exec: ["run"],
    files: { "yarn.lock": "", ".yarnrc.yml": `${YARN}nodeLinker: pnp\n` },
  },
};

let home: string;
let tarballs: readonly string[];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "accord-managers-"));
  await writeFile(join(home, "package.json"), JSON.stringify({ private: true }));
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  await run(...program("npm", ["install", ...quiet, ...TOOLS]), { cwd: home });
  tarballs = await pack(home);
});

afterAll(() => rm(home, { recursive: true, force: true }));

describe.each(Object.entries(LAYOUTS))("%s", (name, { manager, exec, files }) => {
  let project: string;

  const shell = (command: string, args: readonly string[]) =>
    run(command, args, {
      cwd: project,
      maxBuffer: 64 << 20,
      env: { ...process.env, PATH: `${join(home, "node_modules/.bin")}${delimiter}${process.env.PATH}`, CI: "" },
    });
  const own = (...args: readonly string[]) => shell(manager, [...exec, ...args]);

  beforeAll(async () => {
    project = join(home, name.replaceAll(/\W+/g, "-"));
    const packed = Object.fromEntries(
      tarballs.map((path) => [
        path.includes("protoc-gen-accord") ? "@accord-grpc/protoc-gen-accord" : "@accord-grpc/runtime",
        `file:${join(home, path)}`,
      ]),
    );
    const manifest = {
      name: "someone-elses-project",
      private: true,
      devDependencies: { ...(await publishedPackages()), ...packed },
      // No registry has them.
      resolutions: packed,
    };
    const proto = codeBlocks(await readFile(README, "utf8")).get(PROTO) ?? "";
    for (const [path, text] of Object.entries({ ...files, "package.json": JSON.stringify(manifest), [PROTO]: proto })) {
      await mkdir(dirname(join(project, path)), { recursive: true });
      await writeFile(join(project, path), text);
    }
    await shell(manager, ["install"]);
  });

  it("accord init sets the folder up, and finds it as it left it", async () => {
    await own("accord", "init");
    expect((await own("accord", "init", "--check")).stdout).not.toMatch(/^(written|changed|missing)/m);
  });

  it("buf lint asks the check plugin, and buf generate generates", async () => {
    await own("buf", "lint");
    const proto = join(project, PROTO);
    const good = await readFile(proto, "utf8");
    await writeFile(proto, good.replace('timeout: "2s"', 'timeout: "2 parsecs"'));
    await expect(own("buf", "lint")).rejects.toMatchObject({ stdout: expect.stringContaining("2 parsecs") });
    await writeFile(proto, good);
    await own("buf", "generate");
    expect(await readFile(join(project, "src/gen/greeting/v1/greeting_client.ts"), "utf8")).toContain("class ");
  });

  it("both breakings compare with a branch", async () => {
    await shell("git", ["init", "--quiet", "--initial-branch=main"]);
    await shell("git", ["add", "proto", "buf.yaml"]);
    const author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
    await shell("git", [...author, "commit", "--quiet", "--message=Greet"]);
    await own("buf", "breaking", "--against", ".git#branch=main");
    const { stderr } = await own("accord", "breaking", "--against", ".git#branch=main");
    expect(stderr).toContain("nothing breaks");
  });
});

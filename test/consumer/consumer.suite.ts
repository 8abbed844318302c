import { execFile, spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { program } from "../../scripts/programs.mjs";
import { freePort } from "../free-port.js";
import { codeBlocks } from "./code-blocks.js";
import { installPacked } from "./packed-packages.js";

// Someone else's project: the packed tarballs in an empty folder outside the repository, set up as the README says, with the
// README's own files.

const run = promisify(execFile);
const repository = join(import.meta.dirname, "../..");
const protocMissing = await run("protoc", ["--version"]).then(
  () => false,
  () => true,
);

let project: string;
let readme: ReadonlyMap<string, string>;
let initialized: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "accord-consumer-"));
  readme = codeBlocks(await readFile(join(repository, "README.md"), "utf8"));
  for (const [path, text] of readme) {
    // These are what `accord init` writes.
    if (path.startsWith("buf.")) {
      continue;
    }
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), text);
  }
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "someone-elses-project", private: true }));
  await installPacked(project);
  await run("git", ["init", "--quiet", "--initial-branch=main"], { cwd: project });
  await writeFile(join(project, ".gitignore"), "node_modules\n*.tgz\n");
  initialized = (await npx("accord", ["init"])).stdout;
}, 300_000);

afterAll(async () => {
  if (project !== undefined) {
    await rm(project, { recursive: true, force: true });
  }
});

/** A stricter compiler than the README's: the folder's to start from. */
async function writeTsconfig(): Promise<void> {
  await copyFile(join(repository, "example/hello/tsconfig.json"), join(project, "tsconfig.json"));
}

/** Runs a command of the project's own node_modules. */
async function npx(command: string, args: readonly string[]) {
  return run(...program(command, args, project), {
    cwd: project,
    env: { ...process.env, PATH: `${join(project, "node_modules/.bin")}${delimiter}${process.env.PATH}` },
  });
}

async function generatedFiles(): Promise<readonly string[]> {
  const names = await readdir(join(project, "src/gen"), { recursive: true });
  return names.filter((name) => /\.(ts|json)$/.test(name)).sort();
}

const EXPECTED_FILES = [
  "greeting/v1/channel.ts",
  "greeting/v1/errors.ts",
  "greeting/v1/greeting_client.ts",
  "greeting/v1/greeting_codec.ts",
  "greeting/v1/greeting_pb.ts",
  "greeting/v1/greeting_servicer.ts",
  "greeting/v1/server.ts",
  "greeting/v1/service_config.json",
];

describe("the README's project", () => {
  test("is set up as the README shows", async () => {
    for (const path of ["buf.yaml", "buf.gen.yaml"]) {
      expect(await readFile(join(project, path), "utf8")).toBe(readme.get(path));
    }
    expect(initialized).not.toContain("npm install");
    expect((await npx("accord", ["init", "--check"])).stdout).not.toMatch(/^(written|changed|missing)/m);
  });

  test("passes the README's checks against its main branch", async () => {
    const commit = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "--quiet", "--message=Greet"];
    await run("git", ["add", "--all"], { cwd: project });
    await run("git", commit, { cwd: project });
    const checks = shellBlock(await readFile(join(repository, "README.md"), "utf8"), "npx buf lint\nnpx");
    expect(checks.match(/^npx (?:buf|accord) breaking --against/gm)).toHaveLength(2);
    const { stdout, stderr } = await run("sh", ["-e", "-c", checks], { cwd: project });
    expect({ stdout, stderr }).toEqual({ stdout: "", stderr: "Compared with .git#branch=main: nothing breaks.\n" });
  });

  test("tells the warnings of several plugin entries once", async () => {
    const [proto, config] = ["proto/greeting/v1/greeting.proto", "buf.gen.yaml"].map((path) => join(project, path));
    const good = await Promise.all([proto, config].map((path) => readFile(path ?? "", "utf8")));
    const entry = (artifact: string) =>
      `  - local: protoc-gen-accord\n    out: ${artifact}\n    opt: [artifacts=${artifact}]\n    strategy: all\n`;
    await writeFile(proto ?? "", good[0]?.replace('timeout: "2s"', "wait_for_ready: true") ?? "");
    await writeFile(config ?? "", `${good[1]}${entry("k8s")}${entry("docs")}`);
    const { stderr } = await npx("buf", ["generate"]);
    await Promise.all([proto, config].map((path, index) => writeFile(path ?? "", good[index] ?? "")));
    expect(stderr.match(/ warning TIMEOUT_MISSING: /g)).toHaveLength(1);
  });

  test("generates with buf, type-checks, and its client calls its server", async () => {
    await npx("buf", ["generate"]);
    expect(await generatedFiles()).toEqual(EXPECTED_FILES);
    const compile = shellBlock(
      await readFile(join(repository, "README.md"), "utf8"),
      "npm pkg set type=module\nnpx tsc",
    );
    await run("sh", ["-e", "-c", compile], { cwd: project });
    await writeTsconfig();
    await npx("tsc", []);

    const address = `127.0.0.1:${await freePort()}`;
    const server = spawn(process.execPath, ["dist/server.js"], {
      cwd: project,
      env: { ...process.env, ADDRESS: address },
    });
    let serverOutput = "";
    server.stdout.on("data", (chunk) => {
      serverOutput += String(chunk);
    });
    try {
      const serverClosed = new Promise<number | null>((resolve) => server.once("close", resolve));
      const client = await run(process.execPath, ["dist/client.js"], {
        cwd: project,
        // The server may still be starting: the generated channel's retries are what a user has, too.
        env: { ...process.env, TARGET: address },
      });
      expect(client.stdout).toBe("Good morning, Ada.\nNAME_UNKNOWN: Nobody here is called Bob (Bob)\n");
      server.kill("SIGTERM");
      expect(await serverClosed).toBe(0);
      expect(serverOutput).toContain('"outcome":"drained"');
    } finally {
      server.kill("SIGKILL");
    }
  });

  test("generates the same with protoc", async (context) => {
    if (protocMissing) {
      if (process.env.CI !== undefined) {
        throw new Error("protoc is missing, and CI must have it: .ci/run installs protobuf-compiler.");
      }
      context.skip("protoc isn't installed");
    }
    const withBuf = await contentsOfGenerated();
    await rm(join(project, "src/gen"), { recursive: true });
    const page = await readFile(join(repository, "docs/generated-code.md"), "utf8");
    const command = shellBlock(page, "mkdir -p src/gen\nprotoc");
    await run("sh", ["-e", "-c", command], { cwd: project });
    expect(await contentsOfGenerated()).toEqual(withBuf);
  });

  test("a broken annotation lists every problem, writes nothing and fails", async () => {
    const before = await contentsOfGenerated();
    const path = join(project, "proto/greeting/v1/greeting.proto");
    const good = await readFile(path, "utf8");
    await writeFile(
      path,
      good
        .replace('timeout: "2s"', 'timeout: "2 parsecs"')
        .replace('raises: ["NAME_UNKNOWN"]', 'raises: ["NAME_UNKNWON"]'),
    );
    const failure = await npx("buf", ["generate"]).then(
      () => undefined,
      (error: { code: number; stderr: string }) => error,
    );
    await writeFile(path, good);
    expect(failure?.code).toBeGreaterThan(0);
    expect(failure?.stderr).toMatch(/greeting\/v1\/greeting\.proto:\d+:\d+: error DURATION_SYNTAX: /);
    expect(failure?.stderr).toMatch(/greeting\/v1\/greeting\.proto:\d+:\d+: error RAISES_UNKNOWN: .*NAME_UNKNOWN/);
    expect(await contentsOfGenerated()).toEqual(before);
  });

  test("an unknown plugin option is named, with the ones there are", async () => {
    const path = join(project, "buf.gen.yaml");
    const good = await readFile(path, "utf8");
    await writeFile(path, good.replace(/(protoc-gen-accord\n.*\n.*opt: \[)/, "$1artefacts=client, "));
    const failure = await npx("buf", ["generate"]).then(
      () => undefined,
      (error: { code: number; stderr: string }) => error,
    );
    await writeFile(path, good);
    expect(failure?.code).toBeGreaterThan(0);
    expect(failure?.stderr).toContain("artefacts");
    expect(failure?.stderr).toContain("artifacts");
  });

  test("both packages load from CommonJS, and share their classes with ESM", async () => {
    const script = `
      const runtime = require("@accord-grpc/runtime");
      require("@accord-grpc/runtime/codegen/v1");
      require("@accord-grpc/runtime/testing");
      require("@accord-grpc/protoc-gen-accord");
      import("@accord-grpc/runtime").then((esm) => {
        class Failure extends esm.ContractError {}
        const error = new Failure({ code: "X", status: 2, message: "x" });
        process.stdout.write(String(error instanceof runtime.ContractError));
      });
    `;
    const { stdout } = await run(process.execPath, ["-e", script], { cwd: project });
    expect(stdout).toBe("true");
  });

  test("the packages hold types and the sources that these lead to, and no tests", async () => {
    for (const name of ["runtime", "protoc-gen-accord"]) {
      const folder = join(project, "node_modules/@accord-grpc", name);
      const files = await readdir(folder, { recursive: true });
      for (const entry of ["dist/esm/index.js", "dist/cjs/index.js"]) {
        expect(files).toContain(entry);
        expect(files).not.toContain(entry.replace(/js$/, "js.map"));
        expect(files).toContain(entry.replace(/js$/, "d.ts"));
        expect(files).toContain(entry.replace(/js$/, "d.ts.map"));
      }
      expect(files).toContain("src/index.ts");
      expect(files.filter((file) => /\.test\.|\/test(-proto|ing\/gen)/.test(file))).toEqual([]);
      expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md"]));
    }
  });
});

async function contentsOfGenerated(): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  for (const name of await generatedFiles()) {
    // The first line names the parameters, which each compiler may pass on in its own way.
    contents[name] = await readFile(join(project, "src/gen", name), "utf8");
  }
  return contents;
}

function shellBlock(markdown: string, command: string): string {
  const block = new RegExp(`\`\`\`sh\n(${command} [^\`]*)\`\`\``).exec(markdown)?.[1];
  if (block === undefined) {
    throw new Error(`The page shows no ${command} command.`);
  }
  return block;
}

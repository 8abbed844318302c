import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { program } from "../../scripts/programs.mjs";
import { codeBlocks } from "../consumer/code-blocks.js";
import { installPacked } from "../consumer/packed-packages.js";

const run = promisify(execFile);
const repository = join(import.meta.dirname, "../..");

/** The quickstart's project with a guide's files in it, in an empty folder, from packed tarballs: compiled, and ready to run. */
export interface GuideProject {
  readonly path: string;
  /** Runs a program of the project's own `node_modules`, or Node itself. */
  run(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string>;
  /** Runs a script as CI does, with the project's programs on the path. */
  shell(script: string, env?: NodeJS.ProcessEnv): Promise<string>;
  remove(): Promise<void>;
}

/** What a guide has beside files. */
export interface GuideSetup {
  /** Further templates of buf's, which generate what the guide starts from. */
  readonly generate?: readonly string[];
  readonly compilerOptions?: object;
}

/**
 * @param guides their names in docs: `testing.md`
 * @param packages what the guides need beside: `fastify@5`
 */
export async function guideProject(
  guides: readonly string[],
  packages: readonly string[],
  setup: GuideSetup = {},
): Promise<GuideProject> {
  const path = await mkdtemp(join(tmpdir(), "accord-guide-"));
  for (const page of ["README.md", ...guides.map((guide) => join("docs", guide))]) {
    for (const [name, text] of codeBlocks(await readFile(join(repository, page), "utf8"))) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), text);
    }
  }
  await writeFile(join(path, "package.json"), JSON.stringify({ name: "guide", private: true, type: "module" }));
  const compilerOptions = {
    ...{
      target: "ES2022",
      module: "NodeNext",
      strict: true,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: true,
    },
    ...{ noUnusedLocals: true, skipLibCheck: true, types: ["node"], rootDir: "src", outDir: "dist" },
    ...setup.compilerOptions,
  };
  await writeFile(join(path, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }));
  await installPacked(path, packages);
  const bin = join(path, "node_modules/.bin");
  // What decides on colours and retries in CI isn't the guide's.
  const environment = { ...process.env, NO_COLOR: "1", PATH: `${bin}${delimiter}${process.env.PATH}` };
  const output = async (file: string, args: readonly string[], env: NodeJS.ProcessEnv, title: string) => {
    const options = { cwd: path, env: { ...environment, ...env }, maxBuffer: 64 << 20 };
    const { stdout, stderr } = await run(file, args, options).catch((error: { stdout: string; stderr: string }) => {
      throw new Error(`${title}:\n${error.stdout}${error.stderr}`);
    });
    return `${stdout}${stderr}`;
  };
  const project: GuideProject = {
    path,
    run: (command, args, env = {}) => {
      const [file, all] = command === "node" ? [process.execPath, args] : program(command, args, path);
      return output(file, all, env, `${command} ${args.join(" ")}`);
    },
    shell: (script, env = {}) => output("bash", ["-e", "-c", script], env, script),
    remove: () => rm(path, { recursive: true, force: true }),
  };
  await project.run("accord", ["init"]);
  await project.run("buf", ["generate"]);
  for (const template of setup.generate ?? []) {
    await project.run("buf", ["generate", "--template", template]);
  }
  await project.run("tsc", []);
  return project;
}

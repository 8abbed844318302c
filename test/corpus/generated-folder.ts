import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { program } from "../../scripts/programs.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** How many files a compiler gets at once, which take it up to 2 GB. */
const FILES_AT_ONCE = 800;
/** How many compilers run at once. */
const COMPILERS = Math.min(3, availableParallelism());

/** A folder of generated files outside of the repository, and what the tools say about them. */
export class GeneratedFolder {
  readonly path: string = mkdtempSync(join(tmpdir(), "accord-generated-"));
  readonly #sources = new Set<string>();

  /**
   * @param compilerOptions what the project that the files are for has different
   * @param type whether JavaScript in it is ES modules or CommonJS
   */
  constructor(compilerOptions: object = {}, type: "module" | "commonjs" = "module") {
    // Generated code finds the packages as it would in a user's project.
    symlinkSync(join(root, "node_modules"), join(this.path, "node_modules"), "junction");
    const exports = { "./*": "./vendor/*" };
    this.#write("package.json", JSON.stringify({ name: "@acme/protos", type, exports }));
    this.#write("tsconfig.json", JSON.stringify(tsconfig(compilerOptions)));
    this.#write("biome.json", biomeConfig());
  }

  /**
   * Adds files.
   *
   * @param folder `gen` for what is checked; `vendor` for what other files import from the package `@acme/protos`
   */
  add(files: ReadonlyMap<string, string>, folder: "gen" | "vendor" = "gen"): void {
    for (const [path, content] of files) {
      this.#write(join(folder, path), content);
      if (folder === "gen" && path.endsWith(".ts") && !path.endsWith(".d.ts")) {
        this.#sources.add(join(folder, path));
      }
    }
  }

  /** The compiler's errors in the generated files, at its strictest. */
  async typeErrors(): Promise<string[]> {
    return this.#typeErrors("tsconfig.json");
  }

  /**
   * The same for so many files that the compiler would take 10 GB for all of them at once: it gets the files in parts, with
   * what they import, several parts at a time. Declarations that no other file imports aren't looked at.
   */
  async typeErrorsInParts(): Promise<string[]> {
    const files = [...this.#sources].sort();
    const configs: string[] = [];
    for (let from = 0; from < files.length; from += FILES_AT_ONCE) {
      const config = `tsconfig.part-${configs.length}.json`;
      const part = files.slice(from, from + FILES_AT_ONCE);
      this.#write(config, JSON.stringify({ extends: "./tsconfig.json", include: [], files: part }));
      configs.push(config);
    }
    const errors: string[] = [];
    const work = async (): Promise<void> => {
      for (let config = configs.shift(); config !== undefined; config = configs.shift()) {
        errors.push(...(await this.#typeErrors(config, "--singleThreaded")));
      }
    };
    await Promise.all(Array.from({ length: COMPILERS }, work));
    return errors.sort();
  }

  async #typeErrors(config: string, ...flags: readonly string[]): Promise<string[]> {
    const output = await outputOf("tsc", ["-p", config, ...flags], this.path);
    // What can't be compiled at all, a bad option for one, is an error of no file.
    const failed = output.split("\n").filter((line) => line.startsWith("error "));
    // The runtime's sources are compiled along, under settings that aren't theirs.
    return [...failed, ...output.split("\n").filter((line) => line.startsWith("gen/"))];
  }

  /** What biome says against the format and the style of files, with this repository's rules. */
  async biomeComplaints(): Promise<string> {
    const output = await outputOf("biome", ["check", "--error-on-warnings", "gen"], this.path);
    return /^Checked \d+ files in [^\n]*No fixes applied\.\s*$/.test(output) ? "" : output;
  }

  /** Loads JavaScript modules into Node, one after the other, and tells the names that each exports. */
  async exportsOf(paths: readonly string[]): Promise<Record<string, string[]>> {
    const program = `
      const exported = {};
      for (const path of ${JSON.stringify(paths)}) {
        const { default: commonJs, "module.exports": _, ...names } = await import(new URL(path, "file://${this.path}/gen/"));
        exported[path] = Object.keys(commonJs ?? names).sort();
      }
      console.log(JSON.stringify(exported));`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], {
      cwd: this.path,
      maxBuffer: 64 << 20,
    });
    return JSON.parse(stdout);
  }

  /**
   * Serves and calls all methods of proto files, by the code that was generated for them.
   *
   * @param files without extension
   * @param extension that of the code; Node before 24 takes only JavaScript
   * @param node what runs it
   * @returns how many methods have answered
   * @throws if one hasn't, or with something wrong
   */
  async callEverything(
    files: readonly string[],
    extension: "js" | "ts" = "js",
    node: string = process.execPath,
  ): Promise<number> {
    const program = join(this.path, "call-everything.mjs");
    cpSync(fileURLToPath(new URL("call-everything.mjs", import.meta.url)), program);
    const args = [program, JSON.stringify(files), extension];
    const { stdout } = await run(node, args, { maxBuffer: 64 << 20 });
    return Number(stdout.split("\n").at(-2));
  }

  /** Runs a module that stands in the folder, and gives what it prints. */
  async run(source: string, node: string = process.execPath): Promise<string> {
    this.#write("program.mjs", source);
    const { stdout } = await run(node, [join(this.path, "program.mjs")], { maxBuffer: 64 << 20 });
    return stdout;
  }

  /** Deletes it. */
  remove(): void {
    rmSync(this.path, { recursive: true });
  }

  #write(path: string, content: string): void {
    const file = join(this.path, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

function tsconfig(compilerOptions: object): object {
  return {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: {
      noEmit: true,
      types: [],
      noUnusedLocals: true,
      noUnusedParameters: true,
      isolatedDeclarations: true,
      ...compilerOptions,
    },
    include: ["gen"],
  };
}

/** This repository's rules, for a folder that has none of the files that they leave out. */
function biomeConfig(): string {
  const { formatter, javascript, linter, assist } = JSON.parse(readFileSync(join(root, "biome.json"), "utf8"));
  const files = { includes: ["**", "!**/*_pb.*", "!**/*.d.ts", "!**/*.js"], maxSize: 8 << 20 };
  return `${JSON.stringify({ root: true, files, formatter, javascript, linter, assist }, null, 2)}\n`;
}

async function outputOf(tool: string, args: readonly string[], cwd: string): Promise<string> {
  const child = run(...program(tool, args), { cwd, maxBuffer: 256 << 20 });
  const { stdout, stderr } = await child.catch((error: { stdout: string; stderr: string }) => error);
  return `${stdout}${stderr}`;
}

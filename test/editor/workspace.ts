import { execFile } from "node:child_process";
import { join } from "node:path";
import { ProtoFolder, ROOT } from "../../plugin/src/cli/cli.fixture.js";

/** The command that buf starts, as an installed package has it. */
export const PLUGIN = join(ROOT, "plugin/bin/buf-plugin-accord");

/** A project whose buf.yaml names the plugin. @param rest what else buf.yaml says */
export function pluginProject(files: Readonly<Record<string, string>>, rest = ""): ProtoFolder {
  const project = new ProtoFolder(files).installBuf();
  const lint = "lint: { use: [ACCORD] }\nbreaking: { use: [ACCORD] }";
  project.put(
    "buf.yaml",
    `version: v2\nmodules:\n  - path: protos\n  - path: accord\n${lint}\nplugins:\n  - plugin: ${PLUGIN}\n${rest}`,
  );
  return project;
}

/** What buf found, as `--error-format=json` prints it. */
export interface BufFinding {
  readonly path: string;
  readonly start_line: number;
  readonly start_column: number;
  readonly type: string;
  readonly message: string;
}

/** Runs real buf in a project. @returns its findings, and what it says if it failed otherwise */
export function buf(
  project: ProtoFolder,
  ...args: readonly string[]
): Promise<{ readonly findings: readonly BufFinding[]; readonly stderr: string }> {
  return new Promise((resolve) => {
    const all = [join(ROOT, "node_modules/@bufbuild/buf/bin/buf"), ...args, "--error-format=json"];
    execFile(process.execPath, all, { cwd: project.path }, (_error, stdout, stderr) => {
      const lines = stdout.split("\n").filter((line) => line !== "");
      resolve({ findings: lines.map((line) => JSON.parse(line) as BufFinding), stderr });
    });
  });
}

/** A finding on one line, without what buf adds to its message. */
export function lineOf({ path, start_line, start_column, type, message }: BufFinding): string {
  return `${path}:${start_line}:${start_column}: ${type} ${message.replace(` (${PLUGIN})`, "")}`;
}

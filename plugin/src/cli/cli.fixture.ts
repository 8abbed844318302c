import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { main } from "./main.js";

/** The repository. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");

/** A request with the ledger's services: what the golden case of that name is made from. */
export const LEDGER_REQUEST = join(ROOT, "test/golden/ledger/request.binpb");

/** What a command had of the world, beyond its arguments. */
export interface World {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array;
  /** The columns of the terminal that stdout is. None: it is a pipe. */
  readonly terminal?: number;
  /** When the command is told to stop. Default: never. */
  readonly stopped?: Promise<void>;
  /** Is given what is written to stdout, as it is. */
  readonly onWrite?: (text: string) => void;
}

/** What a command did. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in this process. */
export async function accord(argv: readonly string[], world: World = {}): Promise<Outcome> {
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written, columns: number | undefined) => ({
    write: (text: string) => {
      written[name] += text;
      if (name === "stdout") {
        world.onWrite?.(text);
      }
    },
    isTerminal: columns !== undefined,
    columns,
  });
  const code = await main(argv, {
    cwd: world.cwd ?? ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...world.env },
    readStdin: async () => world.stdin ?? new Uint8Array(),
    untilStopped: () => world.stopped ?? new Promise(() => {}),
    stdinIsTerminal: world.stdin === undefined,
    stdout: output("stdout", world.terminal),
    stderr: output("stderr", undefined),
  });
  return { code, ...written };
}

/** A folder of files in the system's folder for temporary ones, with the contract language beside them. */
export class ProtoFolder {
  readonly path: string = mkdtempSync(join(tmpdir(), "accord-cli-"));

  /** @param files by path; `buf.yaml` makes `protos/` and the contract language modules, unless it is among them */
  constructor(files: Readonly<Record<string, string>>) {
    const options = readFileSync(join(ROOT, "proto/accord/v1/options.proto"), "utf8");
    this.put("buf.yaml", "version: v2\nmodules:\n  - path: protos\n  - path: accord\n");
    this.put("accord/accord/v1/options.proto", options);
    for (const [path, content] of Object.entries(files)) {
      this.put(path, content);
    }
  }

  /** A folder with nothing in it. */
  static empty(): ProtoFolder {
    const folder = new ProtoFolder({});
    rmSync(folder.path, { recursive: true });
    mkdirSync(folder.path);
    return folder;
  }

  put(path: string, content: string | Uint8Array): string {
    const file = join(this.path, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  read(path: string): string {
    return readFileSync(join(this.path, path), "utf8");
  }

  /** buf, and Accord's check plugin, as a project has them that installs them with npm. */
  installBuf(): this {
    const script = "node_modules/@bufbuild/buf/bin/buf";
    this.put(script, `require(${JSON.stringify(join(ROOT, script))});\n`);
    const plugin = "node_modules/@accord-grpc/protoc-gen-accord";
    mkdirSync(join(this.path, dirname(plugin)), { recursive: true });
    symlinkSync(join(ROOT, "plugin"), join(this.path, plugin));
    return this;
  }

  /** Builds an image of `protos/` with buf. */
  build(image: string): void {
    const buf = join(ROOT, "node_modules/@bufbuild/buf/bin/buf");
    execFileSync(process.execPath, [buf, "build", "protos", "-o", image], { cwd: this.path });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

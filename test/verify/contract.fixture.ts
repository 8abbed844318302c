import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createFileRegistry, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Examples of calls for the small contract in `proto/`. */
export const EXAMPLES: string = fileURLToPath(new URL("examples.yaml", import.meta.url));

/** A compiled contract, in a folder of its own. */
export interface CompiledContract {
  /** The folder of the image, for what a test writes besides. */
  readonly folder: string;
  readonly image: string;
  readonly types: FileRegistry;
  remove(): void;
}

/** Compiles the protos of folders of the repository, with the contract language beside them. */
export function compileContract(...folders: readonly string[]): CompiledContract {
  const folder = mkdtempSync(join(tmpdir(), "accord-verify-"));
  const image = join(folder, "image.binpb");
  const modules = [...folders, "proto"].map((path) => ({ path }));
  const buf = join(ROOT, "node_modules/@bufbuild/buf/bin/buf");
  execFileSync(
    process.execPath,
    [buf, "build", ".", "--config", JSON.stringify({ version: "v2", modules }), "-o", image],
    {
      cwd: ROOT,
    },
  );
  return {
    folder,
    image,
    types: createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(image))),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

import { execFileSync } from "node:child_process";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { program } from "../../scripts/programs.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");

/** The protos of this folder: each kind of field in each syntax. */
export const OWN_PROTOS = join(here, "proto");

/** Google's own protos, as npm has them. */
export const GOOGLE_PROTOS = join(root, "node_modules/google-proto-files");

/** Compiles protos. @param paths only these files and folders, and what they import */
export function compileProtos(folder: string, paths: readonly string[] = []): FileDescriptorProto[] {
  const module = relative(root, folder);
  const config = {
    version: "v2",
    // Test protos of protobuf itself that contradict each other.
    modules: [{ path: module, excludes: folder === GOOGLE_PROTOS ? BROKEN.map((path) => `${module}/${path}`) : [] }],
  };
  const image = execFileSync(
    ...program("buf", [
      ...["build", module, "--config", JSON.stringify(config), "--exclude-source-info"],
      ...["--as-file-descriptor-set", "-o", "-"],
      ...paths.flatMap((path) => ["--path", `${module}/${path}`]),
    ]),
    { cwd: root, maxBuffer: 256 << 20, stdio: ["ignore", "pipe", "inherit"] },
  );
  return fromBinary(FileDescriptorSetSchema, image).file;
}

const BROKEN = ["google/protobuf/compiler/ruby", "google/protobuf/util"];

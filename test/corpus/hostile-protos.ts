import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { program } from "../../scripts/programs.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = "test/corpus/hostile";

const config = {
  version: "v2",
  modules: [
    { path: "proto" },
    { path: folder },
    { path: "node_modules/google-proto-files", includes: ["node_modules/google-proto-files/google/type"] },
  ],
};

/** Compiles the hand-written protos that are as hostile as protos can be, with all that they import. */
export function compileHostileProtos(): FileDescriptorProto[] {
  const image = execFileSync(
    ...program("buf", ["build", folder, "--config", JSON.stringify(config), "--as-file-descriptor-set", "-o", "-"]),
    { cwd: root, maxBuffer: 64 << 20, stdio: ["ignore", "pipe", "inherit"] },
  );
  return fromBinary(FileDescriptorSetSchema, image).file;
}

/** Whether a file is one of them, rather than one that they import. */
export function isHostile({ name }: { readonly name: string }): boolean {
  return !/^(accord|google)\//.test(name);
}

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { create, type DescFile, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { TestContext } from "vitest";
import { ChildProcess } from "../e2e/child-process.js";

// Debian's packages are for Debian's Python, which needn't be the first one on the PATH.
const CANDIDATES = ["/usr/bin/python3", "python3"];
const PACKAGES = ["python3-grpcio", "python3-protobuf"];

const python = await findPython();

async function findPython(): Promise<string | undefined> {
  for (const candidate of CANDIDATES) {
    const found = await promisify(execFile)(candidate, ["-c", "import grpc, google.protobuf.message_factory"]).then(
      () => true,
      () => false,
    );
    if (found) {
      return candidate;
    }
  }
  return undefined;
}

/** Skips a test where Python's gRPC isn't installed. In CI, that is a failure. */
export function requirePython(context: TestContext): void {
  if (python === undefined) {
    const missing = `Python's gRPC isn't installed; on Debian: apt-get install ${PACKAGES.join(" ")}`;
    if (process.env.CI !== undefined) {
      throw new Error(`${missing}. In CI it must be: .ci/run installs it.`);
    }
    context.skip(missing);
  }
}

/** Whether there is a Python with gRPC. Without one, hooks have nothing to start. */
export const hasPython = python !== undefined;

/** The command that runs it. */
export const pythonCommand = python ?? "python3";

/**
 * Starts `client.py` or `server.py`, which do what they are told (see there).
 *
 * @param files the protos that it knows, with what they import
 */
export async function startPython(program: "client" | "server", files: readonly DescFile[]): Promise<ChildProcess> {
  const folder = await mkdtemp(join(tmpdir(), "accord-interop-"));
  const descriptors = join(folder, "descriptors.binpb");
  await writeFile(descriptors, descriptorSet(files));
  const script = fileURLToPath(new URL(`${program}.py`, import.meta.url));
  const child = new ChildProcess(pythonCommand, [script, descriptors], {
    PYTHONDONTWRITEBYTECODE: "1",
    // What C-core says on its own is for whoever debugs it.
    GRPC_VERBOSITY: "NONE",
  });
  await child.event("ready");
  await rm(folder, { recursive: true });
  return child;
}

/** The files with all that they import, each after its imports. */
function descriptorSet(files: readonly DescFile[]): Uint8Array {
  const ordered = new Set<DescFile>();
  const add = (file: DescFile): void => {
    if (!ordered.has(file)) {
      file.dependencies.forEach(add);
      ordered.add(file);
    }
  };
  files.forEach(add);
  return toBinary(
    FileDescriptorSetSchema,
    create(FileDescriptorSetSchema, { file: [...ordered].map(({ proto }) => proto) }),
  );
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  CodeGeneratorResponseSchema,
} from "@bufbuild/protobuf/wkt";

const command = fileURLToPath(new URL("../../node_modules/@bufbuild/protoc-gen-es/bin/protoc-gen-es", import.meta.url));
const cacheNames = fileURLToPath(new URL("cache-names.cjs", import.meta.url));

/**
 * What protoc-gen-es generates, without comments: path → content. It is kept from taking minutes (see `cache-names.cjs`).
 *
 * @param start another Node and another version of protoc-gen-es than those that are here: its arguments
 * @throws if it refuses the request
 */
export async function protocGenEs(
  request: CodeGeneratorRequest,
  [node, ...args]: readonly [string, ...string[]] = [process.execPath, "--require", cacheNames, command],
): Promise<Map<string, string>> {
  const protoFile = request.protoFile.map(({ sourceCodeInfo, ...file }) => file);
  const child = spawn(node, args, { stdio: ["pipe", "pipe", "pipe"] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk) => out.push(chunk));
  child.stderr.on("data", (chunk) => err.push(chunk));
  // It may end before it has read everything; its exit code says so.
  child.stdin.on("error", () => {});
  child.stdin.end(toBinary(CodeGeneratorRequestSchema, { ...request, protoFile }));
  const [code] = await once(child, "close");
  if (code !== 0) {
    throw new Error(`protoc-gen-es ended with ${code}: ${Buffer.concat(err)}`);
  }
  const { error, file } = fromBinary(CodeGeneratorResponseSchema, Buffer.concat(out));
  if (error !== "") {
    throw new Error(`protoc-gen-es: ${error}`);
  }
  return new Map(file.map(({ name, content }) => [name, content]));
}

import { lineText } from "@accord-grpc/runtime/contract";
import { toBinary } from "@bufbuild/protobuf";
import { type CodeGeneratorRequest, CodeGeneratorResponseSchema } from "@bufbuild/protobuf/wkt";
import { readStream } from "../bounded-input.js";
import { ARTIFACTS } from "../emit/emitters.js";
import { OPTIONS } from "../options.js";
import { packageFilesIn } from "../package-files-in-folder.js";
import { generate } from "../plugin.js";
import type { OtherParts } from "../read/other-parts.js";
import { sourcesIn } from "../sources-in-folder.js";
import { messageOf } from "../thrown-message.js";
import { PLUGIN_NAME, VERSION } from "../version.js";
import { claimPackage } from "./claim-package.js";
import { claimWarnings } from "./claim-warnings.js";
import { decodeRequest } from "./decode-request.js";
import { missingPeer } from "./missing-peer.js";
import { RunNotes } from "./run-notes.js";

/**
 * The command `protoc-gen-accord`: what protoc and buf start. A request comes in on stdin, a response goes out on stdout.
 *
 * @returns the exit code: 0 also when the response reports what is wrong with the protos, as protoc expects it
 */
export async function main(args: readonly string[]): Promise<number> {
  const [first] = args;
  if (first === "--version" || first === "-v") {
    process.stdout.write(`${PLUGIN_NAME} ${VERSION}\n`);
    return 0;
  }
  if (first === "--help" || first === "-h") {
    process.stdout.write(help());
    return 0;
  }
  if (first !== undefined) {
    return fail(
      `unknown argument "${first}". It is run by protoc or buf, and takes its options from them; see --help.`,
    );
  }
  if (process.stdin.isTTY) {
    return fail(
      "this is a plugin for protoc and buf, which talk to it on stdin. Add `- local: protoc-gen-accord` to the plugins in " +
        "buf.gen.yaml and run `buf generate`; see --help.",
    );
  }
  let bytes: Uint8Array;
  try {
    bytes = await readStream(process.stdin);
  } catch (error) {
    return fail(`the request on stdin can't be read: ${messageOf(error)}.`);
  }
  const request = decode(bytes);
  if (request === undefined) {
    return fail(
      "what came in on stdin isn't a CodeGeneratorRequest. It is meant to be run by protoc or buf; see --help.",
    );
  }
  const notes = new RunNotes();
  const generated = await generate(request, sourcesIn(process.cwd()), otherParts(request, notes));
  const { response } = generated;
  const warnings = [...generated.warnings, ...missingPeer(response.file, process.cwd())];
  if (warnings.length > 0 && claimWarnings(warnings, request.parameter, notes)) {
    process.stderr.write(`${warnings.join("\n")}\n`);
  }
  await write(process.stdout, toBinary(CodeGeneratorResponseSchema, response));
  return 0;
}

function otherParts({ protoFile, parameter }: CodeGeneratorRequest, notes: RunNotes): OtherParts {
  const paths = new Set(protoFile.map(({ name }) => name));
  return {
    generated: (pkg, files) => claimPackage(pkg, files, parameter, notes),
    found: packageFilesIn(process.cwd(), (path) => paths.has(path)),
  };
}

function decode(bytes: Uint8Array): CodeGeneratorRequest | undefined {
  try {
    const request = decodeRequest(bytes);
    // Any bytes may happen to decode, as fields that nobody knows.
    return request.protoFile.length > 0 ? request : undefined;
  } catch {
    return undefined;
  }
}

function write(stream: NodeJS.WritableStream, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    // The reader may be gone, which isn't worth a stack trace.
    stream.once("error", () => resolve());
    stream.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

function fail(message: string): number {
  process.stderr.write(`${PLUGIN_NAME}: ${lineText(message)}\n`);
  return 1;
}

function help(): string {
  const options = OPTIONS.map(({ name, values, summary }) => `  ${name}=…\n      ${summary}: ${values}`);
  const artifacts = ARTIFACTS.map(
    ({ name, summary, byDefault }) => `  ${name.padEnd(16)}${summary}${byDefault ? "" : " (on request)"}`,
  );
  return `${PLUGIN_NAME} ${VERSION}

Generates gRPC servicers, typed clients, error classes, service config, channel and server from annotated protos. It is a
plugin for protoc and buf. \`accord init\` sets a project up. In buf.gen.yaml, beside protoc-gen-es:

  version: v2
  plugins:
    - local: protoc-gen-es
      out: src/gen
      opt: [target=ts, import_extension=js]
      include_imports: true # what you import, such as accord/v1/options.proto if it isn't among your protos
    - local: protoc-gen-accord
      out: src/gen
      opt: [target=ts, import_extension=js]
      strategy: all # one run sees all files of a package, wherever they lie

A message's code is protoc-gen-es's: a *_pb.ts that none of your entries generates is an import that doesn't resolve.

With protoc: --accord_out=src/gen --accord_opt=target=ts,import_extension=js

Artifacts:
${artifacts.join("\n")}

Options:
${options.join("\n")}
`;
}

import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { RequestSchema, ResponseSchema, type Error as RpcError } from "./gen/pluginrpc/v1/pluginrpc_pb.js";
import { type Procedure, pathOf } from "./procedure.js";
import { servePlugin } from "./serve-plugin.js";

/** What a run of a plugin left behind. */
export interface PluginRun {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a plugin in this process. */
export async function runPlugin(
  procedures: readonly Procedure[],
  args: readonly string[],
  stdin: Uint8Array = new Uint8Array(),
): Promise<PluginRun> {
  const written: Uint8Array[] = [];
  const lines: string[] = [];
  const code = await servePlugin(procedures, {
    args,
    readStdin: async () => stdin,
    writeStdout: async (bytes) => {
      written.push(bytes);
    },
    writeStderr: (text) => lines.push(text),
  });
  return { code, stdout: Buffer.concat(written), stderr: lines.join("\n") };
}

/** Calls a procedure as buf does: a response, or an error. */
export async function callProcedure<Input extends DescMessage, Output extends DescMessage>(
  procedures: readonly Procedure[],
  method: { readonly input: Input; readonly output: Output } & Procedure["method"],
  init: MessageInitShape<Input>,
): Promise<{ readonly response: MessageShape<Output> | undefined; readonly error: RpcError | undefined }> {
  const value = anyPack(method.input, create(method.input, init));
  const path = pathOf({ method, run: () => Promise.reject(new Error("never called")) });
  const run = await runPlugin(
    procedures,
    [path, "--format", "binary"],
    toBinary(RequestSchema, create(RequestSchema, { value })),
  );
  const { value: answer, error } = fromBinary(ResponseSchema, run.stdout);
  return { response: answer && anyUnpack(answer, method.output), error };
}

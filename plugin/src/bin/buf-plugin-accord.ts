import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { CheckService } from "../buf-plugin/gen/buf/plugin/check/v1/check_service_pb.js";
import { RequestSchema } from "../buf-plugin/gen/pluginrpc/v1/pluginrpc_pb.js";
import { checkProcedures, pathOf, processIo, servePlugin } from "../buf-plugin/index.js";
import { accordCheckPlugin } from "../check/accord-check-plugin.js";
import { sourcesIn } from "../sources-in-folder.js";

const PROCEDURES = checkProcedures(accordCheckPlugin(sourcesIn(process.cwd())));

/**
 * The command `buf-plugin-accord`, which buf and `buf lsp serve` start.
 *
 * @param request what came on stdin
 * @returns the exit code
 */
export function main(args: readonly string[], request: Uint8Array): Promise<number> {
  return servePlugin(PROCEDURES, { ...processIo(args), readStdin: async () => request });
}

// The page sizes that callers ask for: none, buf's, and the largest.
const PAGE_SIZES = [0, 250, 1_000];

/** A question whose answer is always the same. */
export interface ConstantAnswer {
  readonly args: readonly string[];
  /** What comes on stdin. */
  readonly request: Uint8Array;
  /** What is written to stdout, as base64. */
  readonly answer: string;
}

/** What is answered to all such questions. The build writes it down, and the commands in `bin/` look there first. */
export async function constantAnswers(): Promise<ConstantAnswer[]> {
  const lists = [CheckService.method.listRules, CheckService.method.listCategories];
  const questions: (readonly [args: readonly string[], request: Uint8Array])[] = [
    [["--protocol"], new Uint8Array()],
    ...["--spec", ...PROCEDURES.filter(({ method }) => lists.some((list) => list === method)).map(pathOf)].map(
      (arg) => [[arg], new Uint8Array()] as const,
    ),
    ...lists.flatMap(({ input, parent, name }) =>
      PAGE_SIZES.map((pageSize) => {
        const value = anyPack(input, create(input, { pageSize }));
        return [[`/${parent.typeName}/${name}`], toBinary(RequestSchema, create(RequestSchema, { value }))] as const;
      }),
    ),
  ];
  return Promise.all(
    questions.map(async ([args, request]) => ({ args, request, answer: await answer(args, request) })),
  );
}

async function answer(args: readonly string[], request: Uint8Array): Promise<string> {
  let written = "";
  await servePlugin(PROCEDURES, {
    args,
    readStdin: async () => request,
    writeStdout: async (bytes) => {
      written += Buffer.from(bytes).toString("base64");
    },
    writeStderr: (text) => {
      throw new Error(text);
    },
  });
  return written;
}

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

/**
 * What is answered to all questions whose answer is always the same, as base64: by the arguments and, behind a space, the base64 of
 * what comes on stdin. `bin/buf-plugin-accord.cjs` looks there first.
 */
export async function constantAnswers(): Promise<Readonly<Record<string, string>>> {
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
  const answers: Record<string, string> = {};
  for (const [args, request] of questions) {
    const question = `${args.join(" ")} ${Buffer.from(request).toString("base64")}`.trim();
    answers[question] = await answer(args, request);
  }
  return answers;
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

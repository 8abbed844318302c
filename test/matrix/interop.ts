// gRPC's interoperability tests with one side on Node and the other on something else: `interop.mjs <command …>`, where a program
// is appended to the command. First its server, then its client. Exit code 1: a
// case failed that passes on Node.
import { start } from "../proof/command.js";
import { prepareInterop } from "../proof/interop/prepare.js";
import { NotRun } from "../proof/suite.js";
import { NOT_RUN } from "./not-run.js";

type Command = readonly string[];

interface Case {
  readonly name: string;
  readonly error?: string;
}

const NODE: Command = [process.execPath];
const other: Command = process.argv.slice(2);
const { server, client } = await prepareInterop().catch((error: unknown) => {
  if (!(error instanceof NotRun)) {
    throw error;
  }
  process.stdout.write(`${error.message}\n`);
  process.exit(NOT_RUN);
});

const onNode = await cases(NODE, NODE);
const passing = new Set(onNode.filter(({ error }) => error === undefined).map(({ name }) => name));
let failed = 0;
for (const [title, theirServer, theirClient] of [
  ["server", other, NODE],
  ["client", NODE, other],
] as const) {
  const made = (await cases(theirServer, theirClient)).filter(({ name }) => passing.has(name));
  const bad = made.filter(({ error }) => error !== undefined);
  const missing = [...passing].filter((name) => !made.some((made) => made.name === name));
  process.stdout.write(`${title}: ${made.length - bad.length} of ${passing.size} cases that pass on Node\n`);
  for (const { name, error } of [...bad, ...missing.map((name) => ({ name, error: "it wasn't made" }))]) {
    process.stdout.write(`  ${name}: ${error}\n`);
    failed += 1;
  }
}
process.exitCode = failed === 0 && passing.size > 0 ? 0 : 1;

/** Makes all cases with a server and a client that run on the given commands. */
async function cases(serverOn: Command, clientOn: Command): Promise<readonly Case[]> {
  const serving = launch(serverOn, server);
  try {
    const [, port] = await serving.line(/listening on (\d+)/);
    const calling = launch(clientOn, client, `localhost:${port}`);
    try {
      // Rejects if it ends before.
      await calling.line(/^done$/m);
    } finally {
      await calling.stop();
    }
    const lines = calling.output().split("\n");
    return lines.filter((line) => line.startsWith('{"name":')).map((line) => JSON.parse(line) as Case);
  } finally {
    await serving.stop();
  }
}

function launch([file = "", ...args]: Command, ...program: readonly string[]) {
  return start(file, [...args, ...program]);
}

import { createInterface } from "node:readline";

/** What a test can have a program do. */
export type Commands = Readonly<Record<string, (args: never) => unknown>>;

interface Line {
  readonly id: number;
  readonly do: string;
  readonly with: object;
}

/** Tells the test something unasked. */
export function tell(event: string, fields: object = {}): void {
  process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
}

/**
 * Does what the test says, until it closes stdin: see `ChildProcess`. It doesn't keep the process alive.
 */
export function serveCommands(commands: Commands): void {
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (text) => void run(commands, JSON.parse(text) as Line));
  // The test has gone, perhaps without a chance to clean up.
  lines.on("close", () => process.exit(99));
  (process.stdin as typeof process.stdin & { unref(): void }).unref();
}

async function run(commands: Commands, line: Line): Promise<void> {
  try {
    const command = commands[line.do];
    if (command === undefined) {
      throw new Error(`There is no command ${line.do}`);
    }
    const result = await command(line.with as never);
    process.stdout.write(`${JSON.stringify({ answer: line.id, result: result ?? null })}\n`);
  } catch (error) {
    const text = error instanceof Error ? error.stack : String(error);
    process.stdout.write(`${JSON.stringify({ answer: line.id, error: text })}\n`);
  }
}

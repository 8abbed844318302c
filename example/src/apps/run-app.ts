/** Something that the person who starts a server has to put right: a setting, a port, a database. Its message says what. */
export class StartUpError extends Error {
  override readonly name = "StartUpError";
}

/**
 * Runs the main function of a server, and makes its end the process's.
 *
 * A {@link StartUpError} ends the process with exit code 1 and one line on stderr. Anything else that is thrown is a
 * defect, and is printed whole.
 */
export async function runApp(name: string, main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.stderr.write(
      error instanceof StartUpError ? `${name}: ${error.message}\n` : `${name}: ${detailsOf(error)}\n`,
    );
    // Not `process.exit`: what is still being written would be lost.
    process.exitCode = 1;
  }
}

function detailsOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

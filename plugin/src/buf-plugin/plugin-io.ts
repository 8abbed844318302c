/** All that a plugin has of the world. Tests bring their own. */
export interface PluginIo {
  /** The arguments behind the program's name. */
  readonly args: readonly string[];
  /** Reads standard input to its end. */
  readonly readStdin: () => Promise<Uint8Array>;
  readonly writeStdout: (bytes: Uint8Array) => Promise<void>;
  /** A line for the person who runs the program. */
  readonly writeStderr: (text: string) => void;
}

/** What a program that Node runs has. */
export function processIo(args: readonly string[] = process.argv.slice(2)): PluginIo {
  return {
    args,
    async readStdin() {
      if (process.stdin.isTTY) {
        return new Uint8Array();
      }
      const chunks: Uint8Array[] = [];
      for await (const chunk of process.stdin) {
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    },
    writeStdout: (bytes) =>
      new Promise((resolve, reject) => {
        // The reader may be gone, which isn't worth a stack trace.
        process.stdout.once("error", () => resolve());
        process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    writeStderr: (text) => process.stderr.write(`${text}\n`),
  };
}

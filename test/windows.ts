/**
 * Test files that are about what Windows hasn't got, and what that is. `npm test` leaves them out there, and says so; single tests
 * are skipped where they stand, by `skipIf(process.platform === "win32")`.
 */
export const NOT_ON_WINDOWS: Readonly<Record<string, string>> = {
  "plugin/src/scaffold/scaffold-plan.test.ts": "symbolic links and read-only files",
  "plugin/src/scaffold/user-files.test.ts": "symbolic links, and the bits of a file's mode",
  "runtime/src/channel/certificate-set.test.ts": "FIFOs and symbolic links",
  "test/docs/untitled-files.test.ts": "bash",
  "test/e2e/default-logger.test.ts": "signals that a process hears, and pipes that block",
  "test/e2e/lifecycle.test.ts": "signals that a process hears, and SIGSTOP",
  "test/e2e/serve.test.ts": "signals that a process hears",
};

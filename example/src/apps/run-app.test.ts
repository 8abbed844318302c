import { afterEach, describe, expect, it, vi } from "vitest";
import { openLogger } from "./app-logger.js";
import { runApp, StartUpError } from "./run-app.js";

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

async function stderrOf(main: () => Promise<void>): Promise<string> {
  let text = "";
  vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  await runApp("ledger-server", main);
  return text;
}

describe("runApp", () => {
  it("leaves the exit code alone when everything went well", async () => {
    expect(await stderrOf(async () => {})).toBe("");
    expect(process.exitCode).toBeUndefined();
  });

  it("prints a start-up error in one line, and exits with 1", async () => {
    const text = await stderrOf(() => Promise.reject(new StartUpError("the port is taken", { cause: new Error("x") })));
    expect(text).toBe("ledger-server: the port is taken\n");
    expect(process.exitCode).toBe(1);
  });

  it("prints a defect with its stack, and exits with 1", async () => {
    const text = await stderrOf(() => Promise.reject(new TypeError("undefined is not a ledger")));
    expect(text).toMatch(/^ledger-server: TypeError: undefined is not a ledger\n +at /);
    expect(process.exitCode).toBe(1);
  });

  it("names a LOG_LEVEL that isn't one", () => {
    expect(() => openLogger("ledger-server", { LOG_LEVEL: "loud" })).toThrow(StartUpError);
    expect(() => openLogger("ledger-server", { LOG_LEVEL: "loud" })).toThrow(
      /^LOG_LEVEL is "loud", which isn't one of /,
    );
  });
});

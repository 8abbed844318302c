import { afterEach, beforeEach, expect, it, vi } from "vitest";

beforeEach(() => {
  vi.resetModules();
});

afterEach(() => {
  vi.unstubAllEnvs();
});

async function levelWith(LOG_LEVEL: string | undefined): Promise<string[]> {
  vi.stubEnv("LOG_LEVEL", LOG_LEVEL);
  const { defaultLogger } = await import("./default-logger.js");
  expect(defaultLogger()).toBe(defaultLogger());
  return ["debug", "info", "warn", "error"].filter((level) => defaultLogger().isLevelEnabled?.(level));
}

it.each([
  [undefined, ["info", "warn", "error"]],
  ["", ["info", "warn", "error"]],
  ["debug", ["debug", "info", "warn", "error"]],
  ["ERROR", ["error"]],
  ["silent", []],
])("has the level of LOG_LEVEL: %s", async (level, expected) => {
  expect(await levelWith(level)).toEqual(expected);
});

it("is at info if LOG_LEVEL isn't a level", async () => {
  expect(await levelWith("loud")).toEqual(["info", "warn", "error"]);
});

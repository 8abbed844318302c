import { pino } from "pino";
import { expect, it } from "vitest";
import { MemoryLogger } from "../testing/index.js";
import { BoundLogger } from "./bound-logger.js";
import type { Logger } from "./logger.js";

it("puts its fields on each line, as they are when the line is written", () => {
  const memory = new MemoryLogger();
  const fields: Record<string, unknown> = { request_id: "1" };
  const logger = new BoundLogger(memory, fields);
  logger.info({ step: 1 }, "first");
  fields.late = true;
  logger.warn({ request_id: "own" }, "second");
  logger.error(new Error("an error in place of fields"), "third");
  expect(memory.lines).toMatchObject([
    { level: "info", message: "first", fields: { request_id: "1", step: 1 } },
    { level: "warn", message: "second", fields: { request_id: "own", late: true } },
    { level: "error", message: "third", fields: { request_id: "1", err: { message: "an error in place of fields" } } },
  ]);
  expect(memory.lines[0]?.fields).not.toHaveProperty("late");
});

it("writes nothing below the logger's level", () => {
  const memory = new MemoryLogger("warn");
  const logger = new BoundLogger(memory, {});
  logger.info({}, "hidden");
  expect(memory.lines).toEqual([]);
  expect(logger.isLevelEnabled("info")).toBe(false);
});

it("takes pino as it is", () => {
  const written: string[] = [];
  const logger: Logger = pino({ level: "info", base: null }, { write: (line) => written.push(line) });
  new BoundLogger(logger, { a: 1 }).info({ b: 2n }, "line");
  new BoundLogger(logger, {}).debug({}, "hidden");
  expect(written.map((line) => JSON.parse(line))).toMatchObject([{ a: 1, b: 2, msg: "line" }]);
});

import { AsyncLocalStorage } from "node:async_hooks";
import { create } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import { type Context, context as otelContext, ROOT_CONTEXT, type Span, trace } from "@opentelemetry/api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type ProbeRequest,
  ProbeRequestSchema,
  ProbeResponseSchema,
  ProbeService,
} from "../../test-support/gen/probe/v1/probe_pb.js";
import type { Logger } from "../log/logger.js";
import { MemoryLogger } from "../testing/index.js";
import { Status } from "../wire/status.js";
import { CallLog, type LogContext, type LoggedEnd, loggedMethod } from "./call-log.js";

const END: LoggedEnd = { status: Status.OK, level: "info", durationMs: 1.23456, requests: 1, responses: 1 };
const caller = { peer: "127.0.0.1:1", requestMetadata: undefined };
const request = create(ProbeRequestSchema, { id: "r-1", count: 7n, secret: "hush", padding: Uint8Array.of(1, 2) });
const response = create(ProbeResponseSchema, { id: "answer", token: "hush" });

let logger: MemoryLogger;

beforeEach(() => {
  logger = new MemoryLogger();
});

function logOf(
  context?: LogContext,
  settings: { logger?: Logger; payloadLimit?: number; quiet?: boolean } = {},
): CallLog {
  const all = { logger, payloadLimit: 2048, quiet: false, ...settings };
  return new CallLog(loggedMethod(ProbeService.method.unary), all, caller, context);
}

it("writes each line once, and the first before the second", () => {
  const log = logOf();
  log.response(END);
  log.response(END);
  log.request(request);
  expect(logger.lines.map(({ message }) => message)).toEqual(["unary.request", "unary.response"]);
});

it("binds the log context to both lines, and the response's to the second", () => {
  const log = logOf({
    request: ({ id, count, padding }: ProbeRequest) => ({ id, count, padding, nothing: undefined }),
    response: ({ id }: { id: string }) => ({ answer: id }),
  });
  log.request(request);
  log.answer(response);
  log.response(END);
  expect(logger.lines[0]?.fields).toEqual({
    id: "r-1",
    count: "7",
    padding: "AQI=",
    service: "probe.v1.ProbeService",
    path: "/probe.v1.ProbeService/Unary",
    peer: "127.0.0.1:1",
    payload: 'id: "r-1" count: 7 secret: [REDACTED] padding: "\\001\\002"',
  });
  expect(logger.lines[1]?.fields).toEqual({
    id: "r-1",
    count: "7",
    padding: "AQI=",
    answer: "answer",
    service: "probe.v1.ProbeService",
    path: "/probe.v1.ProbeService/Unary",
    peer: "127.0.0.1:1",
    status: "OK",
    duration_ms: 1.235,
    payload: 'id: "answer" token: [REDACTED]',
  });
});

it("has the request id that the caller sent, unless the log context has one", () => {
  const requestMetadata = new Metadata();
  requestMetadata.set("x-request-id", "from-metadata");
  const settings = { logger, payloadLimit: 0, quiet: false };
  const method = loggedMethod(ProbeService.method.unary);
  const withMetadata = { peer: "", requestMetadata };
  new CallLog(method, settings, withMetadata, undefined).request(request);
  new CallLog(method, settings, withMetadata, { request: () => ({ request_id: "own" }) }).request(request);
  expect(logger.lines.map(({ fields }) => fields.request_id)).toEqual(["from-metadata", "own"]);
  expect(logger.lines[0]?.fields.payload).toBeUndefined();
});

it("renders nothing for a level that is off", () => {
  logger = new MemoryLogger("warn");
  const log = logOf();
  const untouchable = new Proxy(request, {
    get: () => {
      throw new Error("was rendered");
    },
  });
  log.request(untouchable);
  log.answer(response);
  log.response({ ...END, status: Status.UNKNOWN, level: "error" });
  expect(logger.lines.map(({ message }) => message)).toEqual(["unary.response"]);
});

it("survives a log context that throws, and a payload that can't be shown", () => {
  logOf({
    request: () => {
      throw new Error("broken context");
    },
  }).request({ $typeName: "probe.v1.ProbeRequest" });
  expect(logger.lines[0]?.fields).toMatchObject({ log_context_error: "broken context" });
  const unreadable = new Proxy(request, {
    get: () => {
      throw new Error("unreadable");
    },
  });
  logOf().request(unreadable);
  expect(logger.lines[1]?.fields.payload).toBe("(can't be shown: unreadable)");
});

it("is quiet where it is told to be", () => {
  const log = logOf(undefined, { quiet: true });
  log.response({ ...END, status: Status.NOT_FOUND, level: "warn" });
  expect(logger.lines.map(({ level }) => level)).toEqual(["debug", "debug"]);
});

it("shows what was thrown that isn't an error", () => {
  const log = logOf();
  log.response({ ...END, status: Status.INTERNAL, level: "error", err: "oops" });
  expect(logger.lines[1]?.fields.err).toMatchObject({ message: "Something that isn't an Error was thrown: oops" });
});

describe("spans", () => {
  const storage = new AsyncLocalStorage<Context>();
  const attributes: Record<string, unknown> = {};
  const span = { setAttribute: (key: string, value: unknown) => Object.assign(attributes, { [key]: value }) };

  beforeEach(() => {
    otelContext.setGlobalContextManager({
      active: () => storage.getStore() ?? ROOT_CONTEXT,
      with: (active, body, self, ...args) => storage.run(active, () => body.call(self, ...args)),
      bind: (_active, target) => target,
      enable() {
        return this;
      },
      disable() {
        return this;
      },
    });
  });

  afterEach(() => otelContext.disable());

  it("get the log context, under its prefix", () => {
    const inSpan = trace.setSpan(ROOT_CONTEXT, span as unknown as Span);
    otelContext.with(inSpan, () => {
      logOf({ request: ({ id }: ProbeRequest) => ({ request_id: id }), prefix: "own" }).request(request);
      // Without a prefix, it is the package without its version.
      logOf({ request: ({ count }: ProbeRequest) => ({ count }) }).request(request);
    });
    expect(attributes).toEqual({ "own.request_id": "r-1", "probe.count": "7" });
  });
});

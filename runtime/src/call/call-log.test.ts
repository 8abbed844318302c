import { AsyncLocalStorage } from "node:async_hooks";
import { create } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import { type Context, context as otelContext, ROOT_CONTEXT, type Span, trace } from "@opentelemetry/api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CODE_POINT_TEXTS, UNFIT_FOR_A_LINE } from "../../test-support/code-points.js";
import {
  type ProbeRequest,
  ProbeRequestSchema,
  ProbeResponseSchema,
  ProbeService,
} from "../../test-support/gen/probe/v1/probe_pb.js";
import { maskLast4 } from "../log/log-mask.js";
import type { Logger } from "../log/logger.js";
import { MemoryLogger } from "../testing/index.js";
import { Status } from "../wire/status.js";
import { CallLog, type LogContext, type LoggedEnd, loggedMethod, logSettings } from "./call-log.js";
import type { LogPolicy } from "./log-policy.js";

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
  settings: { logger?: Logger; payloadLimit?: number; quiet?: boolean; policy?: LogPolicy } = {},
): CallLog {
  const { logger: into = logger, payloadLimit = 2048, quiet = false, policy } = settings;
  const all = logSettings(into, payloadLimit, policy, quiet);
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
  const settings = logSettings(logger, 0);
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

it("hides in payloads and errors what the contract masks", () => {
  const redact = new Set(["probe.v1.ProbeRequest.id", "probe.v1.ProbeResponse.id"]);
  const log = logOf({ request: ({ id }: ProbeRequest) => ({ id: maskLast4(id) }), redact });
  const carried = create(ProbeRequestSchema, { id: "12345678", secret: "hush" });
  log.request(carried);
  log.answer(create(ProbeResponseSchema, { id: "12345678" }));
  log.response(END);
  const failed = logOf({ redact });
  failed.response({ ...END, status: Status.INTERNAL, level: "error", err: carried });
  expect(
    logger.lines.map(({ fields }) => [fields.id, fields.payload, (fields.err as Error | undefined)?.message]),
  ).toEqual([
    ["***5678", "id: [REDACTED] secret: [REDACTED]", undefined],
    ["***5678", "id: [REDACTED]", undefined],
    [undefined, undefined, undefined],
    [
      undefined,
      undefined,
      "Something that isn't an Error was thrown: probe.v1.ProbeRequest { id: [REDACTED] secret: [REDACTED] }",
    ],
  ]);
  expect(log.show(carried)).toBe("probe.v1.ProbeRequest { id: [REDACTED] secret: [REDACTED] }");
});

it("hides what any of its log contexts masks", () => {
  const log = logOf({ redact: new Set(["probe.v1.ProbeRequest.id"]) });
  log.addContext({ redact: new Set(["probe.v1.ProbeRequest.count"]) });
  log.request(request);
  expect(logger.lines[0]?.fields.payload).toBe(
    'id: [REDACTED] count: [REDACTED] secret: [REDACTED] padding: "\\001\\002"',
  );
});

it("shows nothing of messages where payloads aren't logged", () => {
  const log = logOf(undefined, { payloadLimit: 0 });
  log.response({ ...END, status: Status.INTERNAL, level: "error", err: request });
  expect(logger.lines[1]?.fields.err).toMatchObject({
    message: "Something that isn't an Error was thrown: a message of the type probe.v1.ProbeRequest",
  });
});

it("writes no text that isn't fit for a line, over all code points", () => {
  const texts = CODE_POINT_TEXTS.filter((text) => UNFIT_FOR_A_LINE.test(text));
  for (const text of texts) {
    const log = new CallLog(
      loggedMethod(ProbeService.method.unary),
      logSettings(logger, 2048),
      { peer: text, requestMetadata: undefined, requestId: text },
      { request: () => ({ field: text }), response: () => ({ other: text }) },
    );
    log.request(create(ProbeRequestSchema, { id: text }));
    log.answer(response);
    log.response({ ...END, level: "error", code: text, message: text, err: text });
  }
  const failing = logOf({
    request: () => {
      throw new Error(texts.join());
    },
  });
  failing.request(request);
  const values = logger.lines.flatMap(({ fields }) => [
    ...Object.values(fields).map((value) => (value instanceof Error ? value.message : String(value))),
  ]);
  expect(values.filter((value) => UNFIT_FOR_A_LINE.test(value))).toEqual([]);
  expect(logger.lines).toHaveLength(2 * texts.length + 1);
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

describe("a policy", () => {
  const FAILED: LoggedEnd = { ...END, status: Status.UNAVAILABLE, level: "error" };

  function linesOf(policy: LogPolicy, ends: readonly LoggedEnd[] = [END]) {
    const settings = logSettings(logger, 2048, policy);
    for (const end of ends) {
      const log = new CallLog(loggedMethod(ProbeService.method.unary), settings, caller, {
        request: () => ({ id: "a" }),
      });
      log.request(request);
      if (end.status === Status.OK) {
        log.answer(response);
      }
      log.response(end);
    }
    return logger.lines.map(
      ({ level, message, fields }) => `${level} ${message}${"payload" in fields ? " with payload" : ""}`,
    );
  }

  it("that says nothing changes nothing", () => {
    expect(linesOf({})).toEqual(["info unary.request with payload", "info unary.response with payload"]);
  });

  it("leaves payloads out", () => {
    expect(linesOf({ payload: false })).toEqual(["info unary.request", "info unary.response"]);
  });

  it("has one line, with the request's log context", () => {
    expect(linesOf({ lines: "response" }, [END, FAILED])).toEqual([
      "info unary.response with payload",
      "error unary.response",
    ]);
    expect(logger.lines).toMatchObject([{ fields: { id: "a" } }, { fields: { id: "a" } }]);
  });

  it("moves what is logged of calls that end well, and leaves the others where they are", () => {
    expect(linesOf({ level: "debug", payload: false }, [END, FAILED])).toEqual([
      "debug unary.request",
      "debug unary.response",
      "debug unary.request",
      "error unary.response",
    ]);
  });

  it.each(
    Object.values(Status).filter((status): status is Status => typeof status === "number" && status !== Status.OK),
  )("samples what ends well, the first and each third after it, and never a call of status %s", (status) => {
    const failed: LoggedEnd = { ...FAILED, status };
    const both = (level: string) => ["info unary.request with payload", `${level} unary.response`];
    expect(linesOf({ sampleOneIn: 3 }, [END, failed, END, END, failed, END, END])).toEqual([
      ...["info unary.request with payload", "info unary.response with payload"],
      ...both("error"),
      ...["info unary.request with payload", "info unary.response with payload"],
      ...both("error"),
      ...["info unary.request with payload", "info unary.response with payload"],
    ]);
  });

  it("shows nothing of a call that isn't logged: neither payloads nor responses are made for it", () => {
    const samples = () => false;
    const settings = { ...logSettings(logger, 2048), samples };
    const log = new CallLog(loggedMethod(ProbeService.method.unary), settings, caller, undefined);
    log.request(request);
    expect(log.readsAnswer).toBe(false);
    log.response(END);
    expect(logger.lines).toEqual([]);
  });
});

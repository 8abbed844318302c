import { type CallContext, grpcLogger } from "@accord-grpc/runtime";
import { createCallContext, MemoryLogger } from "@accord-grpc/runtime/testing";
import { create, type DescMessage, fromJson, type JsonObject, type Message } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import { readContract } from "../../plugin/src/contract.js";
import type { MethodModel } from "../../plugin/src/model/model.js";
import { compileFolder } from "../rejected/compile-cases.js";

// From the contract to the log line: what a contract masks or drops, in each way that there is, no payload shows.

const NUMBER = "4111111111111111";
const files = compileFolder("test/model/log-masks");
const { model, diagnostics } = readContract(files, new Set(["masks/v1/masks.proto"]));
const methods = new Map(model?.packages[0]?.services[0]?.methods.map((method) => [method.method.name, method]));
const types = new Map(files.flatMap((file) => file.messages.map((desc) => [desc.name, desc] as const)));

function message(type: string, json: JsonObject): Message {
  return fromJson(types.get(type) as DescMessage, json);
}

function packed(type: string, json: JsonObject): Message {
  return anyPack(types.get(type) as DescMessage, message(type, json));
}

/** The payloads of a call with a message as its request and its response, and all that was logged of it. */
function logged(method: MethodModel, sent: Message): { payloads: unknown[]; all: string } {
  const logger = new MemoryLogger();
  const context = createCallContext(method.method, { logger });
  grpcLogger(undefined, { redact: method.redact })((_request: Message, _context: CallContext) => sent)(sent, context);
  return { payloads: logger.lines.map(({ fields }) => fields.payload), all: JSON.stringify(logger.lines) };
}

const card = { number: NUMBER, holder: "shown" };
const everywhere = (): Message => {
  const level = { card, spare: [card, card], byName: { a: card }, chosen: card };
  const any = packed("Everywhere", { ...level, again: level });
  return Object.assign(message("Everywhere", { ...level, again: level }), { any });
};

it("is a lawful contract", () => {
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
});

it.each<[string, readonly string[], () => Message, number]>([
  ["ByMethod", ["masks.v1.Card.number", "masks.v1.Marked.number"], everywhere, 20],
  ["Dropped", ["masks.v1.Card.number", "masks.v1.Marked.number"], everywhere, 20],
  ["OnResponse", ["masks.v1.Card.number", "masks.v1.Marked.number"], everywhere, 20],
  ["ByService", ["masks.v1.ServiceRequest.by_service"], () => message("ServiceRequest", { byService: NUMBER }), 1],
  [
    "ByMark",
    ["masks.v1.Marked.number"],
    () => message("MarkedRequest", { marked: { number: NUMBER }, all: [{ number: NUMBER }, { number: NUMBER }] }),
    3,
  ],
  ["LoggedPlainly", ["masks.v1.Marked.number"], () => message("MarkedRequest", { marked: { number: NUMBER } }), 1],
  [
    "InAny",
    ["masks.v1.Marked.number"],
    () =>
      Object.assign(message("AnyRequest", {}), {
        any: packed("MarkedResponse", { byName: { a: { number: NUMBER } } }),
      }),
    1,
  ],
  [
    "OfEachKind",
    ["member", "number", "raw", "text", "wrapped"].map((name) => `masks.v1.Kinds.${name}`),
    () => message("Kinds", { text: NUMBER, raw: btoa(NUMBER), wrapped: NUMBER, number: NUMBER, member: NUMBER }),
    5,
  ],
])("%s hides what it masks", (name, redact, make, count) => {
  const method = methods.get(name) as MethodModel;
  expect(method.redact).toEqual(redact);
  const sent = make();
  // A response of another type than the request is of no use here.
  const { payloads, all } = logged(method, sent);
  expect(all).not.toContain(NUMBER);
  expect(String(payloads[0]).match(/\[REDACTED\]/g)).toHaveLength(count);
  if (method.method.output === method.method.input) {
    expect(payloads[1]).toBe(payloads[0]);
  }
});

it("hides in responses what only they have", () => {
  const method = methods.get("ByMark") as MethodModel;
  const logger = new MemoryLogger();
  const context = createCallContext(method.method, { logger });
  const answer = message("MarkedResponse", { byName: { a: { number: NUMBER } } });
  grpcLogger(undefined, { redact: method.redact })((_request: Message, _context: CallContext) => answer)(
    create(method.method.input),
    context,
  );
  expect(logger.lines[1]?.fields.payload).toBe('by_name { key: "a" value { number: [REDACTED] } }');
});

it("shows what isn't masked", () => {
  const method = methods.get("Open") as MethodModel;
  expect(method.redact).toEqual([]);
  expect(logged(method, message("OpenRequest", { number: NUMBER })).payloads[0]).toBe(`number: "${NUMBER}"`);
  expect(logged(methods.get("ByMethod") as MethodModel, everywhere()).payloads[0]).toContain('holder: "shown"');
});

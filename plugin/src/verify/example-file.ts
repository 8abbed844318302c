import { nearest, Status } from "@accord-grpc/runtime/contract";
import { fromJson, type JsonValue, type Message, type Registry } from "@bufbuild/protobuf";
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { messageOf } from "../thrown-message.js";
import { MethodNameError, selectMethod } from "./method-names.js";
import type { VerifyMethod } from "./verify-method.js";

/** A call that somebody wrote down. */
export interface Example {
  readonly method: VerifyMethod;
  readonly messages: readonly Message[];
  readonly metadata: Readonly<Record<string, string>>;
  /** `OK`, a status, or the code of a declared error. */
  readonly expect: string | undefined;
  /** `examples.yaml:3` */
  readonly place: string;
}

/** An example that can't be a call of the contract: `examples.yaml:3:5: what is wrong`. */
export class ExampleError extends Error {
  override readonly name = "ExampleError";
}

/** What examples are read against. */
export interface ExampleContext {
  readonly methods: readonly VerifyMethod[];
  readonly registry: Registry;
}

const KEYS = ["request", "requests", "metadata", "expect"];

/**
 * Reads a file of examples: YAML, and thereby JSON. Below each method's name is a list of calls:
 *
 *     LedgerService.GetAccount:
 *       - request: {accountId: alice}
 *       - request: {accountId: nobody}
 *         expect: ACCOUNT_NOT_FOUND
 *
 * @throws ExampleError for the first thing that is wrong, with its place
 */
export function readExamples(path: string, text: string, context: ExampleContext): Example[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number | undefined) => {
    const { line, col } = lines.linePos(offset ?? 0);
    return { line, place: `${path}:${line}:${col}` };
  };
  const [error] = document.errors;
  if (error !== undefined) {
    throw new ExampleError(`${at(error.pos[0]).place}: ${error.message}`);
  }
  const root = document.contents;
  if (!isMap(root)) {
    throw new ExampleError(`${path}:1:1: methods are expected, each with a list of calls below it`);
  }
  return root.items.flatMap(({ key, value }) => {
    const place = at(offsetOf(key)).place;
    const method = methodNamed(String(isScalar(key) ? key.value : key), place, context);
    if (!isSeq(value)) {
      throw new ExampleError(`${place}: a list of calls is expected below ${method.subject}`);
    }
    return value.items.map((item) => {
      const { line, place: itemPlace } = at(offsetOf(item));
      const entry = (item as Node).toJS(document) as unknown;
      return readEntry(entry, method, { place: itemPlace, name: `${path}:${line}` }, context);
    });
  });
}

/**
 * Reads recorded calls: JSON lines, each `{"method": "/ledger.v1.LedgerService/GetAccount", "request": {…}}` with the same keys as
 * an example has.
 *
 * @throws ExampleError for the first line that is wrong
 */
export function readRecordedCalls(path: string, text: string, context: ExampleContext): Example[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === "") {
      return [];
    }
    const place = `${path}:${index + 1}:1`;
    const { method, ...entry } = parsedLine(line, place);
    if (typeof method !== "string") {
      throw new ExampleError(`${place}: "method" is expected, as /ledger.v1.LedgerService/GetAccount`);
    }
    return [readEntry(entry, methodNamed(method, place, context), { place, name: `${path}:${index + 1}` }, context)];
  });
}

function parsedLine(line: string, place: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(line);
    if (isObject(parsed)) {
      return parsed;
    }
  } catch (error) {
    throw new ExampleError(`${place}: each line is a JSON object: ${messageOf(error)}`);
  }
  throw new ExampleError(`${place}: each line is a JSON object`);
}

function methodNamed(name: string, place: string, { methods }: ExampleContext): VerifyMethod {
  try {
    return selectMethod(methods, name);
  } catch (error) {
    throw error instanceof MethodNameError ? new ExampleError(`${place}: ${error.message}`) : error;
  }
}

function readEntry(
  entry: unknown,
  method: VerifyMethod,
  { place, name }: { readonly place: string; readonly name: string },
  { registry }: ExampleContext,
): Example {
  if (!isObject(entry)) {
    throw new ExampleError(`${place}: a call is an object with "request"`);
  }
  for (const key of Object.keys(entry)) {
    if (!KEYS.includes(key)) {
      const close = nearest(key, KEYS);
      throw new ExampleError(
        `${place}: a call has no "${key}".${close === undefined ? ` It has ${KEYS.join(", ")}.` : ` Did you mean ${close}?`}`,
      );
    }
  }
  const { request, requests, metadata = {}, expect } = entry;
  const list = requests ?? [request ?? {}];
  if (!Array.isArray(list) || (requests !== undefined && request !== undefined)) {
    throw new ExampleError(`${place}: a call has either "request" or "requests", a list`);
  }
  if (list.length !== 1 && !method.streamsRequests) {
    throw new ExampleError(`${place}: ${method.subject} takes one request, and there are ${list.length}`);
  }
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
    throw new ExampleError(`${place}: metadata is an object of texts`);
  }
  return {
    method,
    messages: list.map((json) => readMessage(json as JsonValue, method, place, registry)),
    metadata: metadata as Record<string, string>,
    expect: readExpectation(expect, method, place),
    place: name,
  };
}

function readMessage(json: JsonValue, { model }: VerifyMethod, place: string, registry: Registry): Message {
  const { input } = model.method;
  try {
    return fromJson(input, json, { registry });
  } catch (error) {
    throw new ExampleError(`${place}: the request is no ${input.typeName}: ${messageOf(error)}`);
  }
}

function readExpectation(expect: unknown, { subject, raises }: VerifyMethod, place: string): string | undefined {
  const names = [...Object.keys(Status), ...raises.keys()];
  if (expect === undefined || (typeof expect === "string" && names.includes(expect))) {
    return expect;
  }
  const close = nearest(String(expect), names);
  throw new ExampleError(
    `${place}: ${subject} can't end with ${JSON.stringify(expect)}: it is OK, a status, or one of ${[...raises.keys()].join(", ") || "no declared errors"}.${close === undefined ? "" : ` Did you mean ${close}?`}`,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function offsetOf(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}

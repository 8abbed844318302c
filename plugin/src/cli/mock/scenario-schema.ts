import { ERROR_STATUS_NAMES, FAULTS, type MockedMethodContract } from "@accord-grpc/runtime/testing";
import { messageDefinitions, schemaOfMessage } from "./message-schema.js";

const DURATION = { type: "string", pattern: "^(\\d+(\\.\\d+)?(ms|s|m|h))+$", description: "200ms, 1.5s, 2m" };
const COUNT = { type: "integer", minimum: 1 };

/** The JSON schema of the scenario files of some methods: names, errors, metadata and messages as the contract has them. */
export function scenarioSchema(methods: readonly MockedMethodContract[]): object {
  const names = methods.flatMap((method) => namesOf(method, methods));
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "A scenario of accord mock",
    ...objectOf({
      seed: { type: "integer", description: "What made-up answers and chance depend on" },
      rules: {
        type: "array",
        items: { $ref: "#/definitions/rule" },
        description: "The first that fits a call answers it",
      },
      faults: { type: "array", items: { $ref: "#/definitions/fault" } },
    }),
    definitions: {
      rule: {
        type: "object",
        required: ["when", "then"],
        properties: {
          when: { type: "object", required: ["method"], properties: { method: { enum: names } } },
        },
        allOf: methods.map((method) => ruleOf(method, methods)),
      },
      fault: {
        required: ["fault"],
        ...objectOf({
          fault: faultNames(),
          method: { enum: names, description: "Left out: all methods" },
          share: { type: "number", minimum: 0, maximum: 1 },
          calls: { type: "array", items: COUNT, description: "The nth calls of each method" },
          every: { ...COUNT, description: "Each nth call of each method" },
          from: { ...DURATION, description: "From so long after the start" },
          until: { ...DURATION, description: "Until so long after the start" },
          p50: { ...DURATION, description: "slow: how much later half of the calls are answered at the most" },
          p99: { ...DURATION, description: "slow: how much later one in a hundred is answered at the least" },
        }),
      },
      ...messageDefinitions(methods.flatMap(({ desc }) => [desc.input, desc.output])),
    },
  };
}

function namesOf({ desc, path }: MockedMethodContract, methods: readonly MockedMethodContract[]): string[] {
  const isOnly = methods.filter((other) => other.desc.name === desc.name).length === 1;
  return [...(isOnly ? [desc.name] : []), `${desc.parent.name}.${desc.name}`, path];
}

/** What a rule may say, if it is for this method. */
function ruleOf(method: MockedMethodContract, methods: readonly MockedMethodContract[]): object {
  const { desc } = method;
  const when = objectOf({
    method: true,
    request: schemaOfMessage(desc.input),
    metadata: { type: "object", description: "Keys and values that the call's metadata must have" },
    call: { ...COUNT, description: "Only the nth of the calls that fit" },
    times: { ...COUNT, description: "For so many calls, then no more" },
  });
  const step = stepOf(method);
  const sequence = objectOf({ sequence: { type: "array", minItems: 1, items: step }, repeat: { type: "boolean" } });
  return {
    if: { properties: { when: { properties: { method: { enum: namesOf(method, methods) } }, required: ["method"] } } },
    // biome-ignore lint/suspicious/noThenProperty: JSON schema's own word
    then: objectOf({ when, then: { if: { required: ["sequence"] }, then: sequence, else: step } }),
  };
}

function stepOf({ desc, errors }: MockedMethodContract): object {
  const streams = desc.methodKind === "server_streaming" || desc.methodKind === "bidi_streaming";
  const message = { type: "string", description: "What the caller reads" };
  const step = objectOf({
    delay: DURATION,
    response: schemaOfMessage(desc.output),
    ...(streams && { responses: { type: "array", items: schemaOfMessage(desc.output) } }),
    ...(errors.size > 0 && { error: { enum: [...errors.keys()] } }),
    status: { enum: ERROR_STATUS_NAMES },
    fault: faultNames(),
    metadata: { type: "object", description: "What the error carries" },
    message,
  });
  const carried = [...errors.values()].map(({ code, metadata }) => ({
    if: { properties: { error: { const: code } }, required: ["error"] },
    // biome-ignore lint/suspicious/noThenProperty: JSON schema's own word
    then: { properties: { metadata: objectOf(Object.fromEntries(metadata.map((key) => [key, true]))) } },
  }));
  return { ...step, allOf: carried };
}

function faultNames(): object {
  return { oneOf: Object.entries(FAULTS).map(([name, description]) => ({ const: name, description })) };
}

/** An object with these properties and no others. */
function objectOf(properties: Readonly<Record<string, unknown>>): { readonly type: string } {
  return { type: "object", ...{ additionalProperties: false, properties } };
}

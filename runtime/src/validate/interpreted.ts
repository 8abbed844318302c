import { UNEVALUATED, UnevaluatedRule } from "./unevaluated-rule.js";
import type { PathStep, Violation, Violations } from "./violation.js";

/** What `@bufbuild/protovalidate` answers, as far as it is read here. */
export interface InterpretedResult {
  readonly kind: "valid" | "invalid" | "error";
  readonly error?: Error | undefined;
  readonly violations?: readonly InterpretedViolation[] | undefined;
}

export interface InterpretedViolation {
  readonly ruleId: string;
  readonly message: string;
  readonly forKey: boolean;
  readonly field: readonly InterpretedStep[];
  readonly rule: readonly InterpretedStep[];
}

/** A part of a path as protobuf-es's reflection has it: a field, an extension, a oneof, an element, an entry. */
export interface InterpretedStep {
  readonly kind: string;
  readonly name?: string | undefined;
  readonly typeName?: string | undefined;
  readonly number?: number | undefined;
  /** The descriptor's message; a field's has a `type`. */
  readonly proto?: object | undefined;
  readonly fieldKind?: string | undefined;
  readonly mapKey?: number | undefined;
  readonly mapKind?: string | undefined;
  readonly scalar?: number | undefined;
  readonly index?: number | undefined;
  readonly key?: unknown;
  readonly delimitedEncoding?: boolean | undefined;
}

const [GROUP, MESSAGE, ENUM] = [10, 11, 14];

/**
 * Takes what `@bufbuild/protovalidate` says of a message for our own.
 *
 * @throws {UnevaluatedRule} if a rule can't be evaluated for this message
 * @throws what it failed with else: rules that are wrong whatever the message
 */
export function interpretedViolations({ error, violations }: InterpretedResult): Violations {
  if (error !== undefined && violations === undefined) {
    // protovalidate is an optional peer: its class isn't there to be compared with.
    throw error.name === "RuntimeError" ? new UnevaluatedRule(SOME_RULE, { cause: error }) : error;
  }
  return violations?.map(
    ({ ruleId, message, forKey, field, rule }): Violation => ({
      field: stepsOf(field),
      rule: { id: ruleId, path: stepsOf(rule) },
      message,
      forKey,
    }),
  );
}

// What it failed with may quote a value.
const SOME_RULE: Violation = {
  field: [],
  rule: { id: UNEVALUATED, path: [] },
  message: "a rule can't be evaluated for these values",
  forKey: false,
};

function stepsOf(path: readonly InterpretedStep[]): readonly PathStep[] {
  const steps: PathStep[] = [];
  for (const part of path) {
    const last = steps.at(-1);
    if (part.kind === "list_sub" && last !== undefined) {
      steps[steps.length - 1] = { ...last, index: part.index ?? 0 };
    } else if (part.kind === "map_sub" && last !== undefined) {
      steps[steps.length - 1] = { ...last, key: String(part.key) };
    } else {
      steps.push(stepOf(part));
    }
  }
  return steps;
}

function stepOf(part: InterpretedStep): PathStep {
  const name = part.kind === "extension" ? `[${part.typeName}]` : (part.name ?? "");
  if (part.kind === "oneof" || part.number === undefined) {
    return { name };
  }
  const isGroup = part.fieldKind === "message" && part.delimitedEncoding === true;
  const step = { name, number: part.number, type: isGroup ? GROUP : typeOf(part) };
  if (part.fieldKind !== "map") {
    return step;
  }
  const valueType = part.mapKind === "message" ? MESSAGE : part.mapKind === "enum" ? ENUM : (part.scalar ?? 0);
  return { ...step, keyType: part.mapKey ?? 0, valueType };
}

function typeOf({ proto }: InterpretedStep): number {
  return proto !== undefined && "type" in proto && typeof proto.type === "number" ? proto.type : 0;
}

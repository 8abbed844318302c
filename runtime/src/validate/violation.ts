/** A step on the way from a message to a value in it, or from `buf.validate.FieldRules` to a rule. */
export interface PathStep {
  readonly name: string;
  /** The field's number and its `FieldDescriptorProto.Type`; a oneof has neither. */
  readonly number?: number;
  readonly type?: number;
  /** A map's types. */
  readonly keyType?: number;
  readonly valueType?: number;
  /** Which element of a list. */
  readonly index?: number;
  /** Which entry of a map. */
  readonly key?: string;
}

/** A rule of protovalidate's: its id, and where it stands in `buf.validate.FieldRules`. */
export interface Rule {
  /** `string.min_len` */
  readonly id: string;
  readonly path: readonly PathStep[];
}

/** A rule that a message breaks. */
export interface Violation {
  /** From the message that was checked. */
  readonly field: readonly PathStep[];
  readonly rule: Rule;
  /** For people: `must be at least 1 characters`. It says nothing of the value. */
  readonly message: string;
  /** The rule is about a map's key. */
  readonly forKey: boolean;
}

/** So many are collected of one message: what a hostile one breaks must not cost more than it does to send. */
export const MAX_VIOLATIONS = 100;

/** What a message breaks; `undefined`, and nothing allocated, if it is valid. */
export type Violations = readonly Violation[] | undefined;

/** Describes a field, or a oneof, for violations. */
export function fieldStep(name: string, number?: number, type?: number): PathStep {
  return number === undefined || type === undefined ? { name } : { name, number, type };
}

/** Describes a map field. */
export function mapStep(name: string, number: number, type: number, keyType: number, valueType: number): PathStep {
  return { name, number, type, keyType, valueType };
}

/** Describes a rule. @param path a name, a number and a type for each step */
export function validationRule(id: string, ...path: readonly (readonly [string, number, number])[]): Rule {
  return { id, path: path.map(([name, number, type]) => ({ name, number, type })) };
}

/** Adds what a field breaks. */
export function violated(found: Violations, step: PathStep, rule: Rule, message: string): Violations {
  return added(found, { field: [step], rule, message, forKey: false });
}

/** Adds what the key of a map's entry breaks. */
export function violatedKey(found: Violations, step: PathStep, rule: Rule, message: string): Violations {
  return added(found, { field: [step], rule, message, forKey: true });
}

/** Adds what the message as a whole breaks. */
export function violatedMessage(found: Violations, rule: Rule, message: string): Violations {
  return added(found, { field: [], rule, message, forKey: false });
}

/** Adds what a message within breaks. */
export function violatedWithin(found: Violations, step: PathStep, inner: Violations): Violations {
  return inner === undefined
    ? found
    : inner.reduce((all, violation) => added(all, { ...violation, field: [step, ...violation.field] }), found);
}

/** The same field's step, to an element of its list. */
export function atIndex(step: PathStep, index: number): PathStep {
  return { ...step, index };
}

/** The same field's step, to an entry of its map. */
export function atKey(step: PathStep, key: string): PathStep {
  return { ...step, key };
}

function added(found: Violations, violation: Violation): Violations {
  if (found === undefined) {
    return [violation];
  }
  if (found.length < MAX_VIOLATIONS) {
    // Made here, and seen by nobody yet.
    (found as Violation[]).push(violation);
  }
  return found;
}

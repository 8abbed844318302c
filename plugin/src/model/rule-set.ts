import { type DescField, type DescMessage, isFieldSet, type Message } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { Condition, RuleCheck } from "./validation.js";

/** A rule that generated code doesn't check: whoever has one is checked by protovalidate itself. */
export class UnknownRule extends Error {}

/** One kind of rules, `buf.validate.StringRules` say, as they were read, and where they stand. */
export class RuleSet {
  /** `string` */
  readonly name: string;
  /** From `buf.validate.FieldRules` to these rules. */
  readonly path: readonly DescField[];
  readonly #rules: ReflectMessage;

  /** @throws {UnknownRule} if it has a rule that isn't protovalidate's own */
  constructor(desc: DescMessage, rules: Message, path: readonly DescField[]) {
    this.name = path.at(-1)?.name ?? "";
    this.path = path;
    this.#rules = reflect(desc, rules);
    if (this.#rules.getUnknown() !== undefined) {
      throw new UnknownRule("a predefined rule");
    }
  }

  /** The rule's value, if it is given. */
  get(name: string): unknown {
    const field = this.#field(name);
    return field !== undefined && isFieldSet(this.#rules.message, field) ? this.#rules.get(field) : undefined;
  }

  /** The values of a rule that is a list; messages as they are. */
  list(name: string): readonly unknown[] {
    const value = this.get(name);
    return value === undefined ? [] : [...(value as Iterable<unknown>)];
  }

  /** A message within the rules. */
  message(name: string): unknown {
    const value = this.get(name);
    return value === undefined ? undefined : (value as ReflectMessage).message;
  }

  /** The messages of a rule that is a list of them. */
  messages(name: string): readonly unknown[] {
    return this.list(name).map((each) => (each as ReflectMessage).message);
  }

  /** One rule, in a list. @param id if it isn't the field's name */
  check(name: string, message: string, brokenIf: Condition, id = name): readonly RuleCheck[] {
    const field = this.#field(name);
    return field === undefined ? [] : [{ id: `${this.name}.${id}`, path: [...this.path, field], message, brokenIf }];
  }

  /** The same, if the rule is given; what is checked depends on its value. */
  given(
    name: string,
    check: (value: unknown) => readonly [message: string, brokenIf: Condition],
  ): readonly RuleCheck[] {
    const value = this.get(name);
    return value === undefined ? [] : this.check(name, ...check(value));
  }

  #field(name: string): DescField | undefined {
    return this.#rules.desc.fields.find((field) => field.name === name);
  }
}

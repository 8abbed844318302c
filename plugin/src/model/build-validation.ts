import type { DescMessage } from "@bufbuild/protobuf";
import { messageChecks } from "./message-checks.js";
import { UnknownRule } from "./rule-set.js";
import type { FieldChecks, MessageChecks, Validation, ValueChecks } from "./validation.js";

/** The checks of messages, each worked out once. */
export class Validations {
  readonly #checks = new Map<DescMessage, MessageChecks | "unknown">();
  readonly #kinds = new Map<DescMessage, Validation>();

  /** How a message is checked. */
  kindOf(message: DescMessage): Validation {
    let kind = this.#kinds.get(message);
    if (kind === undefined) {
      kind = this.#ownChecks(message) === "unknown" ? "interpreted" : this.#isChecked(message) ? "static" : "none";
      this.#kinds.set(message, kind);
    }
    return kind;
  }

  /** The checks of a message that generated code checks. What needs none is left out of it. */
  checksOf(message: DescMessage): MessageChecks {
    const checks = this.#ownChecks(message);
    if (checks === "unknown") {
      throw new Error(`${message} isn't checked by generated code`);
    }
    const fields = checks.fields
      .map((field): FieldChecks => ({ ...field, value: this.#needed(field.value) }))
      .filter(({ required, value }) => required || isNeeded(value));
    return { ...checks, fields };
  }

  #needed({ message, elements, keys, ...value }: ValueChecks): ValueChecks {
    const inner = elements && this.#needed(elements);
    return {
      ...value,
      message: message !== undefined && this.kindOf(message) !== "none" ? message : undefined,
      elements: inner !== undefined && isNeeded(inner) ? inner : undefined,
      keys: keys !== undefined && isNeeded(keys) ? keys : undefined,
    };
  }

  /** Whether a message has a rule, or leads to one that has. */
  #isChecked(message: DescMessage): boolean {
    const reached = new Set([message]);
    // It grows while it is gone through.
    for (const each of reached) {
      const checks = this.#ownChecks(each);
      if (checks === "unknown" || hasRules(checks)) {
        return true;
      }
      for (const { value } of checks.fields) {
        for (const next of [value.message, value.elements?.message]) {
          if (next !== undefined) {
            reached.add(next);
          }
        }
      }
    }
    return false;
  }

  #ownChecks(message: DescMessage): MessageChecks | "unknown" {
    let checks = this.#checks.get(message);
    if (checks === undefined) {
      checks = checksOrUnknown(message);
      this.#checks.set(message, checks);
    }
    return checks;
  }
}

function checksOrUnknown(message: DescMessage): MessageChecks | "unknown" {
  try {
    return messageChecks(message);
  } catch (error) {
    if (error instanceof UnknownRule) {
      return "unknown";
    }
    throw error;
  }
}

function hasRules({ fields, exclusive, requiredOneofs }: MessageChecks): boolean {
  return (
    exclusive.length + requiredOneofs.length > 0 || fields.some(({ required, value }) => required || hasOwnRules(value))
  );
}

function hasOwnRules({ rules, elements, keys }: ValueChecks): boolean {
  return rules.length > 0 || [elements, keys].some((each) => each !== undefined && hasOwnRules(each));
}

function isNeeded({ rules, message, elements, keys }: ValueChecks): boolean {
  return rules.length > 0 || message !== undefined || elements !== undefined || keys !== undefined;
}

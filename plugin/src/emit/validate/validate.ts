import {
  type DescExtension,
  type DescField,
  type DescFile,
  type DescMessage,
  type DescOneof,
  ScalarType,
} from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence, FieldDescriptorProto_Type } from "@bufbuild/protobuf/wkt";
import type {
  Condition,
  ExclusiveFields,
  FieldChecks,
  Reading,
  RuleCheck,
  ValueChecks,
} from "../../model/validation.js";
import { FieldRulesSchema } from "../../read/validate/validation-options.js";
import type { Emitter } from "../emitter.js";
import { indented, parentheses } from "../typescript/layout-group.js";
import { stringLiteral } from "../typescript/text.js";
import type { Printable, TypeScriptFile } from "../typescript/typescript-file.js";
import { conditionText, joined } from "./condition-text.js";
import { localName, planValidators, type Validator, type ValidatorFile, type ValidatorPlan } from "./validator-plan.js";

/** `*_validate.ts`: what checks requests by the rules of their protos, a line for each rule. */
export const validateEmitter: Emitter = {
  emit(model, output) {
    const plan = planValidators(model);
    for (const file of plan.files) {
      new ValidatorPrinter(output.typescript(file.path, file.source), plan, file).print();
    }
  },
};

/** Prints one file. Its constants, which describe fields and rules, come last: functions use them only when they are called. */
class ValidatorPrinter {
  readonly #file: TypeScriptFile;
  readonly #plan: ValidatorPlan;
  readonly #planned: ValidatorFile;
  /** What describes a field or a rule, by its name. */
  readonly #constants = new Map<string, Printable>();
  readonly #names = new Map<string, string>();
  /** How many messages within have been checked by a validator so far. */
  #inner = 1;

  constructor(file: TypeScriptFile, plan: ValidatorPlan, planned: ValidatorFile) {
    this.#file = file;
    this.#plan = plan;
    this.#planned = planned;
  }

  print(): void {
    const file = this.#file;
    const { validators } = this.#planned;
    file.print`// What the rules of buf.validate say of messages.`;
    for (const validator of validators) {
      file.print``;
      file.comment("", [
        {
          fill: `Which rules a \`${validator.message.typeName}\` breaks; \`undefined\` if none. ${
            validator.kind === "interpreted" ? "Some are written in CEL, so protovalidate itself checks it." : ""
          }`.trim(),
        },
      ]);
      const parameters = [
        "(",
        file.own("message"),
        ": ",
        file.shape(validator.message),
        "): ",
        file.runtime("Violations"),
      ];
      file.print`${file.export("function", validator.name)}${parameters} {`;
      if (validator.kind === "interpreted") {
        this.#printInterpreted(validator.message);
      } else {
        this.#printChecks(validator);
      }
      file.print`}`;
    }
    const interpreted = validators.filter(({ kind }) => kind === "interpreted");
    if (interpreted.length > 0) {
      file.print``;
      const create = file.library("createValidator", "@bufbuild/protovalidate");
      file.print`const ${file.own("validator")} = /*@__PURE__*/ ${create}(${this.#registry(interpreted)});`;
    }
    if (this.#constants.size > 0) {
      file.print``;
      for (const [name, value] of this.#constants) {
        file.print`const ${file.own(name)} = ${value};`;
      }
    }
  }

  /** protovalidate must be told of rules that others have defined. */
  #registry(validators: readonly Validator[]): Printable {
    const rules = predefinedRules(validators.map(({ message }) => message.file)).map((rule) => this.#file.schema(rule));
    return rules.length === 0
      ? ""
      : ["{ registry: ", this.#file.library("createRegistry", "@bufbuild/protobuf"), parentheses(rules), " }"];
  }

  #printInterpreted(message: DescMessage): void {
    const file = this.#file;
    const arguments_ = parentheses([file.schema(message), "message"]);
    file.print`  return ${file.runtime("interpretedViolations")}(validator.validate${arguments_});`;
  }

  #printChecks({ message, pkg }: Validator): void {
    const file = this.#file;
    this.#inner = 1;
    const { fields, exclusive, requiredOneofs } = this.#plan.validations.checksOf(message);
    file.print`  let ${file.own("found")}: ${file.runtime("Violations")};`;
    for (const field of fields) {
      this.#printField(field, pkg);
    }
    for (const rule of exclusive) {
      this.#printExclusive(rule);
    }
    for (const oneof of requiredOneofs) {
      const broken = this.#violated(this.#step(message, oneof), this.#rule("required"), REQUIRED_ONEOF, false);
      file.print`  if (message.${oneof.localName}.case === undefined)${indented(broken)};`;
    }
    file.print`  return found;`;
  }

  #printExclusive({ fields, required }: ExclusiveFields): void {
    const file = this.#file;
    const names = fields.map(({ name }) => name).join(", ");
    const count = joined(
      fields.map((field) => ["Number(", isSet(file, field), ")"]),
      " + ",
    );
    const broken = (message: string): Printable => [
      "found = ",
      file.runtime("violatedMessage"),
      parentheses(["found", this.#rule("message.oneof"), stringLiteral(message)]),
    ];
    file.print`  if (${count} > 1)${indented(broken(`only one of ${names} can be set`))};`;
    if (required) {
      file.print`  if (${count} === 0)${indented(broken(`one of ${names} must be set`))};`;
    }
  }

  #printField({ field, required, onlyIfSet, value }: FieldChecks, pkg: string): void {
    const file = this.#file;
    const step = this.#step(field.parent, field);
    const hasMore =
      value.rules.length > 0 || value.message !== undefined || value.elements !== undefined || value.keys !== undefined;
    const set = isSet(file, field);
    let indentation = "  ";
    if (required) {
      const broken = this.#violated(step, this.#rule("required", [REQUIRED_RULE]), REQUIRED, false);
      file.print`  if (!(${set}))${indented(broken)};`;
      if (!hasMore) {
        return;
      }
      file.print`  else {`;
    } else if (onlyIfSet && hasMore) {
      file.print`  if (${set}) {`;
    }
    const isBlock = required || onlyIfSet;
    indentation = isBlock ? "    " : "  ";
    this.#printValue(field, value, ["message.", accessOf(field)], step, indentation, pkg);
    if (isBlock) {
      file.print`  }`;
    }
  }

  #printValue(
    field: DescField,
    value: ValueChecks,
    access: Printable,
    step: Printable,
    indentation: string,
    pkg: string,
  ): void {
    if (field.fieldKind === "map" && hasIntegersForKeys(field)) {
      this.#printRules(countedByKeys(value), ["Object.keys(", access, ")"], step, indentation, false);
    } else {
      this.#printRules(value, access, step, indentation, false);
    }
    if (value.message !== undefined) {
      this.#printWithin(value.message, access, step, indentation, pkg);
    }
    if (field.fieldKind === "list" && value.elements !== undefined) {
      this.#printElements(value.elements, access, step, indentation, pkg);
    }
    if (field.fieldKind === "map" && (value.elements !== undefined || value.keys !== undefined)) {
      this.#printEntries(field, value, access, step, indentation, pkg);
    }
  }

  #printElements(elements: ValueChecks, access: Printable, step: Printable, indentation: string, pkg: string): void {
    const file = this.#file;
    const at = [file.runtime("atIndex"), "(", step, ", index)"];
    file.print`${indentation}for (let index = 0; index < ${access}.length; index++) {`;
    file.print`${indentation}  const item = ${access}[index] as (typeof ${access})[number];`;
    this.#printPart(elements, "item", at, `${indentation}  `, false, pkg);
    file.print`${indentation}}`;
  }

  #printEntries(
    field: MapField,
    { keys, elements }: ValueChecks,
    access: Printable,
    step: Printable,
    indentation: string,
    pkg: string,
  ): void {
    const file = this.#file;
    const at = [file.runtime("atKey"), "(", step, ", key)"];
    const entries = hasIntegersForKeys(field) ? ["of Object.keys(", access, ")"] : ["in ", access];
    file.print`${indentation}for (const key ${entries}) {`;
    if (keys !== undefined) {
      this.#printPart(keys, "key", at, `${indentation}  `, true, pkg);
    }
    if (elements !== undefined) {
      const [index, type] = hasNumbersForKeys(field) ? ["Number(key)", "number"] : ["key", "string"];
      file.print`${indentation}  const value = ${access}[${index}] as (typeof ${access})[${type}];`;
      this.#printPart(elements, "value", at, `${indentation}  `, false, pkg);
    }
    file.print`${indentation}}`;
  }

  /** An element, a key or an entry's value. */
  #printPart(
    checks: ValueChecks,
    value: Printable,
    step: Printable,
    indentation: string,
    forKey: boolean,
    pkg: string,
  ): void {
    const file = this.#file;
    const { unless, reading, message } = checks;
    if (unless !== undefined) {
      file.print`${indentation}if (!(${this.#condition(read(value, reading), unless)})) {`;
    }
    const inner = unless === undefined ? indentation : `${indentation}  `;
    this.#printRules(checks, value, step, inner, forKey);
    if (message !== undefined) {
      this.#printWithin(message, value, step, inner, pkg);
    }
    if (unless !== undefined) {
      file.print`${indentation}}`;
    }
  }

  #printRules(
    { rules, reading }: ValueChecks,
    value: Printable,
    step: Printable,
    indentation: string,
    forKey: boolean,
  ): void {
    for (const { id, path, message, brokenIf } of rules) {
      const broken = this.#violated(step, this.#rule(id, path), message, forKey);
      // A descriptor's values are by the enum's type.
      const tested = brokenIf.kind === "undefined" ? value : read(value, reading);
      this.#file.print`${indentation}if (${this.#condition(tested, brokenIf)})${indented(broken)};`;
    }
  }

  #condition(value: Printable, condition: Condition): Printable {
    return conditionText(this.#file, value, condition, (...named) => this.#named(...named));
  }

  #printWithin(message: DescMessage, value: Printable, step: Printable, indentation: string, pkg: string): void {
    const location = this.#plan.find(message, pkg);
    if (location === undefined) {
      throw new Error(`No validator was planned for ${message}`);
    }
    //   const inTransfer = validateTransfer(message.transfer);
    //   if (inTransfer !== undefined) found = violatedWithin(found, TransferRequest_transfer, inTransfer);
    const file = this.#file;
    const within = [file.generated(location.name, location.path), "(", value, ")"];
    // The step to an element is an object: it is made only for one that breaks a rule.
    const name = file.own(`inner${this.#inner++}`);
    const call = parentheses(["found", step, name]);
    file.print`${indentation}const ${name} = ${within};`;
    file.print`${indentation}if (${name} !== undefined)${indented(["found = ", file.runtime("violatedWithin"), call])};`;
  }

  /** `found = violated(found, TransferRequest_amount, INT64_GT, "must be greater than 0")` */
  #violated(step: Printable, rule: Printable, message: string, forKey: boolean): Printable {
    const add = this.#file.runtime(forKey ? "violatedKey" : "violated");
    return ["found = ", add, parentheses(["found", step, rule, stringLiteral(message)])];
  }

  #step(message: DescMessage, part: DescField | DescOneof): Printable {
    const key = `${message.typeName} ${part.name}`;
    return this.#constant(key, `${localName(message)}_${part.localName}`, () => this.#stepValue(part));
  }

  #stepValue(part: DescField | DescOneof): Printable {
    const file = this.#file;
    if (part.kind === "oneof") {
      return [PURE, file.runtime("fieldStep"), "(", stringLiteral(part.name), ")"];
    }
    const own = [stringLiteral(part.name), String(part.number), String(typeOf(part))];
    return part.fieldKind === "map"
      ? [PURE, file.runtime("mapStep"), parentheses([...own, String(part.mapKey), String(mapValueType(part))])]
      : [PURE, file.runtime("fieldStep"), parentheses(own)];
  }

  #rule(id: string, path: RuleCheck["path"] = []): Printable {
    const steps = path.map((field) => `[${stringLiteral(field.name)}, ${field.number}, ${typeOf(field)}]`);
    const within = path.slice(0, -2).map(({ name }) => name);
    const name = [...within, ...id.split(".")].join("_").toUpperCase();
    return this.#constant(`${id} ${steps.join()}`, name, () => [
      PURE,
      this.#file.runtime("validationRule"),
      parentheses([stringLiteral(id), ...steps]),
    ]);
  }

  #named(name: string, expression: string): Printable {
    return this.#constant(expression, name, () => expression);
  }

  #constant(key: string, name: string, value: () => Printable): Printable {
    let known = this.#names.get(key);
    if (known === undefined) {
      known = this.#planned.names.claim(name);
      this.#names.set(key, known);
      this.#constants.set(known, value());
    }
    return this.#file.own(known);
  }
}

// Bundlers leave out what nobody uses.
const PURE = "/*@__PURE__*/ ";
const REQUIRED_RULE = FieldRulesSchema.field.required;
const REQUIRED = "value is required";
const REQUIRED_ONEOF = "exactly one field is required in oneof";

/** The rules in CEL that files, and what they import, define for everybody: extensions of `buf.validate.StringRules` and its like. */
function predefinedRules(files: readonly DescFile[]): readonly DescExtension[] {
  const reached = new Set(files);
  // It grows while it is gone through.
  for (const file of reached) {
    for (const dependency of file.dependencies) {
      reached.add(dependency);
    }
  }
  return [...reached]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((file) => [...nestedTypes(file)])
    .filter((desc) => desc.kind === "extension")
    .filter(({ extendee }) => extendee.file.proto.package === "buf.validate");
}

/** The value that rules are about. */
function read(value: Printable, reading: Reading): Printable {
  switch (reading) {
    case "itself":
      return value;
    case "enumNumber":
      return ["(", value, " as number)"];
    case "unwrapped":
      return [value, ".value"];
    case "bigint":
      return ["BigInt(", value, ")"];
    case "number":
      return ["Number(", value, ")"];
    case "boolean":
      return ["(", value, ' === "true")'];
  }
}

function accessOf(field: DescField): string {
  return field.oneof === undefined ? field.localName : `${field.oneof.localName}.value`;
}

function isSet(file: TypeScriptFile, field: DescField): Printable {
  if (field.oneof !== undefined) {
    return `message.${field.oneof.localName}.case === ${stringLiteral(field.localName)}`;
  }
  const value = `message.${field.localName}`;
  switch (field.fieldKind) {
    case "list":
      return `${value}.length > 0`;
    case "map":
      return [file.runtime("hasEntries"), `(${value})`];
    case "message":
      return `${value} !== undefined`;
    default:
      if (field.presence === FeatureSet_FieldPresence.IMPLICIT) {
        return notZero(field, value);
      }
      // Elsewhere, what stands for an unset field is on the prototype.
      return field.proto.proto3Optional
        ? `${value} !== undefined`
        : [file.runtime("hasOwnField"), "(message, ", stringLiteral(field.localName), ")"];
  }
}

function notZero(field: DescField & { readonly fieldKind: "scalar" | "enum" }, value: string): string {
  if (field.fieldKind === "enum") {
    return `${value} !== ${field.enum.values[0]?.number ?? 0}`;
  }
  switch (field.scalar) {
    case ScalarType.STRING:
      return `${value} !== ""`;
    case ScalarType.BYTES:
      return `${value}.length > 0`;
    case ScalarType.BOOL:
      return `${value} !== false`;
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return `${value} !== ${field.longAsString ? '"0"' : "0n"}`;
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      // Minus zero is a value that is sent.
      return `!Object.is(${value}, 0)`;
    default:
      return `${value} !== 0`;
  }
}

function typeOf(field: DescField): number {
  return field.fieldKind === "message" && field.delimitedEncoding ? FieldDescriptorProto_Type.GROUP : field.proto.type;
}

type MapField = DescField & { readonly fieldKind: "map" };

/** Whether protobuf-es's type of the map has numbers for keys; 64-bit ones and bool are text. */
function hasNumbersForKeys({ mapKey }: MapField): boolean {
  return [ScalarType.INT32, ScalarType.UINT32, ScalarType.SINT32, ScalarType.FIXED32, ScalarType.SFIXED32].includes(
    mapKey,
  );
}

/** Whether keys are texts of integers. V8 keeps such entries as an array's, and goes through them by `in` in twice the time of `Object.keys`. */
function hasIntegersForKeys({ mapKey }: MapField): boolean {
  return mapKey !== ScalarType.STRING && mapKey !== ScalarType.BOOL;
}

/** The rules of a map, as those of the list of its keys. */
function countedByKeys(value: ValueChecks): ValueChecks {
  return {
    ...value,
    rules: value.rules.map((rule) => {
      const { brokenIf } = rule;
      return brokenIf.kind === "compare" && brokenIf.measure === "entryCount"
        ? { ...rule, brokenIf: { ...brokenIf, measure: "length" } }
        : rule;
    }),
  };
}

function mapValueType(field: MapField): number {
  switch (field.mapKind) {
    case "message":
      return FieldDescriptorProto_Type.MESSAGE;
    case "enum":
      return FieldDescriptorProto_Type.ENUM;
    default:
      return field.scalar;
  }
}

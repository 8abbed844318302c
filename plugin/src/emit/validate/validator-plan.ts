import type { DescMessage } from "@bufbuild/protobuf";
import { Validations } from "../../model/build-validation.js";
import type { ContractModel } from "../../model/model.js";
import { packagePaths } from "../../model/package-paths.js";
import { UniqueNames } from "../../model/unique-names.js";
import type { Validation } from "../../model/validation.js";
import type { Source } from "../header.js";

/** Where the validators are of all messages that the services of a request take. */
export interface ValidatorPlan {
  /** The files to generate, sorted by path. */
  readonly files: readonly ValidatorFile[];
  readonly validations: Validations;
  /** Where a message's validator is, seen from a package's code; undefined if it has none. */
  find(message: DescMessage, pkg: string): ValidatorLocation | undefined;
}

export interface ValidatorLocation {
  /** `validateTransferRequest` */
  readonly name: string;
  /** Without extension: `ledger/v1/ledger_validate`. */
  readonly path: string;
}

/** A `*_validate.ts`, or the `validators.ts` of a package. */
export interface ValidatorFile {
  readonly path: string;
  readonly source: Source;
  readonly validators: readonly Validator[];
  /** Names that nothing else in the file has. */
  readonly names: UniqueNames;
}

export interface Validator {
  readonly message: DescMessage;
  readonly name: string;
  readonly kind: Exclude<Validation, "none">;
  /** The package whose code this is. */
  readonly pkg: string;
}

const PLANS = new WeakMap<ContractModel, ValidatorPlan>();

/** Finds the messages that methods take and that have rules, and what these lead to. As with codecs, it goes by packages. */
export function planValidators(model: ContractModel): ValidatorPlan {
  const plan = PLANS.get(model) ?? makePlan(model);
  PLANS.set(model, plan);
  return plan;
}

interface Wanted {
  readonly message: DescMessage;
  readonly pkg: string;
  readonly kind: Exclude<Validation, "none">;
}

function makePlan(model: ContractModel): ValidatorPlan {
  const validations = new Validations();
  const wanted = new Map<string, Wanted>();
  const want = (message: DescMessage, pkg: string): void => {
    const kind = validations.kindOf(message);
    const key = keyOf(pathOf(message, pkg), message);
    if (kind === "none" || wanted.has(key)) {
      return;
    }
    wanted.set(key, { message, pkg, kind });
    if (kind === "static") {
      for (const { value } of validations.checksOf(message).fields) {
        for (const next of [value.message, value.elements?.message]) {
          if (next !== undefined) {
            want(next, pkg);
          }
        }
      }
    }
  };
  for (const pkg of model.packages) {
    for (const service of pkg.services.filter(({ isBuiltIn }) => !isBuiltIn)) {
      for (const { method, refusal, checksResponses } of service.methods) {
        if (refusal !== undefined) {
          want(method.input, pkg.name);
        }
        if (checksResponses) {
          want(method.output, pkg.name);
        }
      }
    }
  }
  const files = filesOf([...wanted.values()]);
  const locations = new Map(
    files.flatMap(({ path, validators }) =>
      validators.map(({ message, name }) => [keyOf(path, message), { name, path }] as const),
    ),
  );
  return { files, validations, find: (message, pkg) => locations.get(keyOf(pathOf(message, pkg), message)) };
}

function keyOf(path: string, message: DescMessage): string {
  return `${path}:${message.typeName}`;
}

function filesOf(wanted: readonly Wanted[]): readonly ValidatorFile[] {
  return [...groupByPath(wanted)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, items]) => {
      const names = new UniqueNames();
      for (const name of LOCAL_NAMES) {
        names.claim(name);
      }
      const sorted = [...items].sort((a, b) => (a.message.typeName < b.message.typeName ? -1 : 1));
      const validators = sorted.map((each) => ({ ...each, name: names.claim(`validate${localName(each.message)}`) }));
      const [first] = sorted;
      const source: Source =
        first !== undefined && isOwn(first.message, first.pkg)
          ? { file: first.message.file }
          : { package: first?.pkg ?? "" };
      return { path, source, validators, names };
    });
}

// What generated functions call their parameters and variables.
const LOCAL_NAMES = ["message", "found", "index", "item", "key", "value", "map", "validator"];

function groupByPath(wanted: readonly Wanted[]): Map<string, Wanted[]> {
  const byPath = new Map<string, Wanted[]>();
  for (const each of wanted) {
    const path = pathOf(each.message, each.pkg);
    byPath.set(path, [...(byPath.get(path) ?? []), each]);
  }
  return byPath;
}

function isOwn(message: DescMessage, pkg: string): boolean {
  return message.file.proto.package === pkg;
}

function pathOf(message: DescMessage, pkg: string): string {
  return isOwn(message, pkg) ? `${message.file.name}_validate` : packagePaths(pkg).validators;
}

/** `Outer_Inner`, as protobuf-es names it. */
export function localName(message: DescMessage): string {
  const { package: packageName } = message.file.proto;
  const name = packageName === "" ? message.typeName : message.typeName.slice(packageName.length + 1);
  return name.replaceAll(".", "_");
}

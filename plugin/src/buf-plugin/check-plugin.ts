import type { AnyDesc, DescFile } from "@bufbuild/protobuf";
import type { CheckOptions } from "./check-options.js";

/** A rule that buf can be told to check, in `lint` or in `breaking` of buf.yaml. */
export interface CheckRule {
  /** `ACME_SERVICE_SUFFIX`. Unique among all rules and categories of all plugins that are used together. */
  readonly id: string;
  /** One sentence for people, with a capital at its start and a period at its end, of 256 characters at most. */
  readonly purpose: string;
  /** `breaking` rules see the files as they were, too. */
  readonly type: "lint" | "breaking";
  /** The ids of its categories. */
  readonly categories?: readonly string[];
  /** Whether it is checked where buf.yaml names no rules. Default: yes, unless it is deprecated. */
  readonly isDefault?: boolean;
  readonly deprecated?: boolean;
  /** The ids of the rules that replace a deprecated one. */
  readonly replacedBy?: readonly string[];
}

/** A name for several rules, by which buf.yaml can name them all. */
export interface CheckCategory {
  readonly id: string;
  /** As a rule's. */
  readonly purpose: string;
  readonly deprecated?: boolean;
  readonly replacedBy?: readonly string[];
}

/** Somewhere in the files that are checked. */
export interface CheckLocation {
  /** The file, as its descriptor names it: `acme/v1/acme.proto`. */
  readonly file: string;
  /** The path of a location in the file's source info; none: the file as a whole. */
  readonly path?: readonly number[];
}

/** A rule that is broken. */
export interface Finding {
  /** The id of a rule of this plugin. */
  readonly rule: string;
  /** What is wrong, and what to do. */
  readonly message: string;
  /** An element, or a place that `CheckLocation` names. */
  readonly at?: AnyDesc | CheckLocation;
  /** For breaking rules: where it was. */
  readonly was?: AnyDesc | CheckLocation;
}

/** Files, with their imports. */
export interface CheckedFiles {
  /** All of them, imported ones before those that import them. */
  readonly all: readonly DescFile[];
  /** Those that are to be checked: the module's own. */
  readonly own: readonly DescFile[];
}

/** What a check sees. */
export interface CheckContext {
  readonly files: CheckedFiles;
  /** The files as they were; both lists are empty where nothing is compared. */
  readonly against: CheckedFiles;
  /** What the plugin's `options` in buf.yaml say. */
  readonly options: CheckOptions;
  /** The ids of the rules that are asked for. What is found of others is left out. */
  readonly rules: ReadonlySet<string>;
}

/** A check plugin: its rules, and what finds where they are broken. */
export interface CheckPlugin {
  readonly rules: readonly CheckRule[];
  readonly categories?: readonly CheckCategory[];
  /** Finds all places, in any order. What it throws is told to whoever runs buf; a `PluginError` as it is meant. */
  readonly check: (context: CheckContext) => Iterable<Finding> | Promise<Iterable<Finding>>;
}

const ID = /^[A-Z0-9][A-Z0-9_]*[A-Z0-9]$/;
const PURPOSE = /^[A-Z][^\n]*[.]$/;

/**
 * Takes a plugin as it is, if buf will.
 *
 * @throws {TypeError} if buf would refuse an id or a purpose, an id is there twice, a category is named and not there, or has
 *   no rules; with all that is wrong
 */
export function defineCheckPlugin<const Plugin extends CheckPlugin>(plugin: Plugin): Plugin {
  const problems = [...new Set([...idProblems(plugin), ...categoryProblems(plugin), ...replacementProblems(plugin)])];
  if (problems.length > 0) {
    throw new TypeError(`buf would refuse this plugin:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
  }
  return plugin;
}

function idProblems({ rules, categories = [] }: CheckPlugin): string[] {
  const problems: string[] = rules.length === 0 ? ["it has no rules"] : [];
  const seen = new Set<string>();
  for (const { id, purpose } of [...rules, ...categories]) {
    if (!(ID.test(id) && id.length >= 3 && id.length <= 64)) {
      problems.push(`the id "${id}" isn't 3 to 64 of A–Z, 0–9 and _, with no _ at its ends`);
    }
    if (!(PURPOSE.test(purpose) && purpose.length <= 256)) {
      problems.push(
        `the purpose of ${id} isn't one line that begins with A–Z, ends with a period, and has 256 characters`,
      );
    }
    if (seen.has(id)) {
      problems.push(`the id ${id} is there twice`);
    }
    seen.add(id);
  }
  return problems;
}

function categoryProblems({ rules, categories = [] }: CheckPlugin): string[] {
  const named = new Set(rules.flatMap((rule) => rule.categories ?? []));
  const there = new Set(categories.map(({ id }) => id));
  return [
    ...[...named].filter((id) => !there.has(id)).map((id) => `the category ${id} is named by a rule, and isn't there`),
    ...[...there].filter((id) => !named.has(id)).map((id) => `the category ${id} has no rules`),
  ];
}

function replacementProblems({ rules, categories = [] }: CheckPlugin): string[] {
  const problems: string[] = [];
  for (const group of [rules, categories]) {
    for (const { id, deprecated = false, replacedBy = [] } of group) {
      if (replacedBy.length > 0 && !deprecated) {
        problems.push(`${id} is replaced by others, and isn't deprecated`);
      }
      for (const other of replacedBy) {
        const replacement = group.find((each) => each.id === other);
        if (replacement === undefined || replacement.deprecated === true) {
          problems.push(
            `${id} is replaced by ${other}, which ${replacement === undefined ? "isn't there" : "is deprecated"}`,
          );
        }
      }
    }
  }
  const both = rules.filter(({ deprecated, isDefault }) => deprecated === true && isDefault === true);
  return [...problems, ...both.map(({ id }) => `${id} is deprecated, and can't be checked by default`)];
}

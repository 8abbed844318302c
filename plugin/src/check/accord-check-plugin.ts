import {
  type CheckContext,
  type CheckedFiles,
  type CheckPlugin,
  Code,
  defineCheckPlugin,
  type Finding,
  PluginError,
} from "../buf-plugin/index.js";
import { compareContracts } from "../cli/breaking/compare-contracts.js";
import { annotatedFiles, type Contract, readContract, renderDiagnostic, rulePage } from "../contract.js";
import { NO_SOURCES, type ProtoSources } from "../read/source/proto-sources.js";
import { CHECK_CATEGORIES, CHECK_RULES, checkRuleId } from "./check-rules.js";
import { locationAt } from "./location-at.js";

/** What buf.yaml may tell the plugin. */
const OPTIONS = ["errors_only"] as const;

/**
 * Accord's rules for `buf lint` and editors, and what breaks callers for `buf breaking`: the same that `accord lint` and
 * `accord breaking` print. `options: { errors_only: true }` leaves out what is only a warning there, since buf knows but failures.
 *
 * @param sources where the texts of the files may be: buf doesn't send them
 */
export function accordCheckPlugin(sources: ProtoSources = NO_SOURCES): CheckPlugin {
  return defineCheckPlugin({
    rules: CHECK_RULES,
    categories: CHECK_CATEGORIES,
    check: (context) => check(context, sources),
  });
}

function check(context: CheckContext, sources: ProtoSources): Finding[] {
  context.options.allow(OPTIONS);
  const found = [...asked(context, "lint", sources), ...asked(context, "breaking", sources)];
  return (context.options.boolean("errors_only") ?? false)
    ? found.filter(isError).map(findingOf)
    : found.map(findingOf);
}

/** Something found, whichever kind of rule it is that found it. */
interface Found {
  readonly rule: Parameters<typeof checkRuleId>[0];
  readonly severity: "error" | "warning";
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly files: CheckedFiles;
}

function asked({ rules, files, against }: CheckContext, type: "lint" | "breaking", sources: ProtoSources): Found[] {
  if (!CHECK_RULES.some((rule) => rule.type === type && rules.has(rule.id))) {
    return [];
  }
  const now = contractOf(files, sources);
  if (type === "lint") {
    return now.diagnostics.map((diagnostic) => ({ ...diagnostic, files }));
  }
  if (against.all.length === 0) {
    return [];
  }
  const versions = [
    versionOf(contractOf(against, NO_SOURCES), against, "before"),
    versionOf(now, files, "now"),
  ] as const;
  return compareContracts(...versions).map((change) => ({ ...change, files }));
}

function contractOf({ all, own }: CheckedFiles, sources: ProtoSources): Contract {
  const paths = new Set(own.map(({ proto }) => proto.name));
  return readContract(all, new Set([...paths, ...annotatedFiles(all, paths)]), sources);
}

function versionOf({ model, diagnostics }: Contract, { own }: CheckedFiles, which: "before" | "now") {
  if (model === undefined) {
    const errors = diagnostics
      .filter(({ severity }) => severity === "error")
      .map((each) => `  ${renderDiagnostic(each)}`);
    const what = which === "now" ? "has errors; `buf lint` shows them too" : "had errors already in the older version";
    throw new PluginError(Code.FAILED_PRECONDITION, `The contract ${what}:\n${errors.join("\n")}`);
  }
  return { model, files: own };
}

function isError({ severity }: Found): boolean {
  return severity === "error";
}

function findingOf({ rule, path, line, column, message, files }: Found): Finding {
  const file = files.all.find(({ proto }) => proto.name === path);
  const { at, exact } = file === undefined ? { at: { file: path }, exact: false } : locationAt(file, line, column);
  return {
    rule: checkRuleId(rule),
    message: `${message}${exact ? "" : ` (At ${line}:${column}.)`} ${rulePage(rule)}`,
    at,
  };
}

import type { AnyDesc } from "@bufbuild/protobuf";
import { whereWritten } from "../read/annotations.js";
import { fileOf } from "../read/descriptor-path.js";
import type { Waiver } from "../read/options.js";
import type { OtherParts } from "../read/other-parts.js";
import type { Place } from "../read/place.js";
import type { ProtoSources } from "../read/source/proto-sources.js";
import { positionOf } from "../read/source-index.js";
import type { ResolvedContract } from "../resolve/resolved-contract.js";
import type { Diagnostic } from "./diagnostic.js";
import { annotatedServices } from "./elements.js";
import type { Rule } from "./rule.js";
import { RULES, type RuleId } from "./rules.js";
import type { Severity } from "./severity.js";

/**
 * Checks a contract against all rules.
 *
 * @param sources where the texts of the proto files come from
 * @param otherParts which files of its packages it hasn't
 * @returns everything that is wrong and isn't silenced by a waiver, sorted by place
 */
export function validateContract(
  contract: ResolvedContract,
  sources: ProtoSources,
  otherParts: OtherParts,
): readonly Diagnostic[] {
  const waivers = new Waivers(contract);
  const rules: ReadonlyMap<string, Rule> = new Map(Object.entries(RULES));
  const found = new Map<string, Diagnostic>();
  for (const id of Object.keys(RULES) as RuleId[]) {
    const rule: Rule = RULES[id];
    const silenced = (place: Place): boolean => rule.waivable && waivers.silence(id, place);
    rule.check({ contract, otherParts, rules, silenced, usedWaivers: waivers.used }, (place, message, severity) => {
      if (!silenced(place)) {
        const written = whereWritten(place, contract.raw.annotations);
        const path = fileOf(written.origin).proto.name;
        const position = positionOf(written, sources);
        const diagnostic = { rule: id, severity: severityOf(rule, severity), path, ...position, message };
        // What several methods inherit is told once.
        found.set(JSON.stringify(diagnostic), diagnostic);
      }
    });
  }
  return [...found.values()].sort(inOrder);
}

function severityOf(rule: Rule, reported: Severity | undefined): Severity {
  return rule.severity === "error or warning" ? (reported ?? "error") : rule.severity;
}

function inOrder(a: Diagnostic, b: Diagnostic): number {
  return (
    compare(a.path, b.path) ||
    a.line - b.line ||
    a.column - b.column ||
    compare(a.rule, b.rule) ||
    compare(a.message, b.message)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The waivers of a contract, by the element that carries them. */
class Waivers {
  readonly #byElement = new Map<AnyDesc, readonly Waiver[]>();
  readonly used = new Set<Waiver>();

  constructor(contract: ResolvedContract) {
    const add = (desc: AnyDesc, waivers: readonly Waiver[]): void => {
      if (waivers.length > 0) {
        this.#byElement.set(desc, waivers);
      }
    };
    for (const file of contract.raw.files) {
      add(file.desc, file.options.allow);
    }
    for (const { raw } of annotatedServices(contract)) {
      add(raw.desc, raw.options.allow);
      for (const method of raw.methods) {
        add(method.desc, method.options.allow);
      }
    }
  }

  /** Whether a rule is silenced at a place: by the element, or by what surrounds it. */
  silence(rule: string, place: Place): boolean {
    // What stands elsewhere than its element is in the file there, too.
    for (const element of [...surroundings(place.desc), fileOf(place.origin)]) {
      const waiver = this.#byElement.get(element)?.find((candidate) => candidate.rule === rule);
      if (waiver !== undefined) {
        this.used.add(waiver);
        return true;
      }
    }
    return false;
  }
}

function surroundings(desc: AnyDesc): readonly AnyDesc[] {
  if (desc.kind === "rpc") {
    return [desc, desc.parent, desc.parent.file];
  }
  return desc.kind === "file" ? [desc] : [desc, fileOf(desc)];
}

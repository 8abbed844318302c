import type { Waiver } from "../read/options.js";
import type { OtherParts } from "../read/other-parts.js";
import type { Place } from "../read/place.js";
import type { ResolvedContract } from "../resolve/resolved-contract.js";
import type { Severity } from "./severity.js";

/**
 * Tells of something wrong.
 *
 * @param message what is wrong, and what to do
 * @param severity only for rules that know both
 */
export type Report = (place: Place, message: string, severity?: Severity) => void;

/** What a rule's check sees. */
export interface CheckContext {
  readonly contract: ResolvedContract;
  /** Which files of its packages it hasn't. */
  readonly otherParts: OtherParts;
  /** All rules by their id. */
  readonly rules: ReadonlyMap<string, Rule>;
  /** Whether a waiver silences this rule at a place; it counts as used then. For rules that tell of several places at once. */
  readonly silenced: (place: Place) => boolean;
  /** The waivers that have silenced something so far. */
  readonly usedWaivers: ReadonlySet<Waiver>;
}

/** One rule of the contract language. */
export interface Rule {
  /** How bad a violation is. "error or warning" depends on the case, and says which in the description. */
  readonly severity: Severity | "error or warning";
  /** Whether `allow` may silence it. What can't be generated, or can't work, can't be waived. */
  readonly waivable: boolean;
  /** One sentence for the table of rules: what breaks it. */
  readonly description: string;
  /** Finds all violations. */
  readonly check: (context: CheckContext, report: Report) => void;
}

/** Declares a group of rules of one topic; keeps their ids as types. */
export function defineRules<const Id extends string>(
  rules: { readonly [id in Id]: Rule },
): {
  readonly [id in Id]: Rule;
} {
  return rules;
}

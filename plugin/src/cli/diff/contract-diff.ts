import type { ContractModel } from "../../model/model.js";
import type { ContractVersion } from "../breaking/compare-contracts.js";
import { compareContracts } from "../breaking/compare-contracts.js";
import { type ExplainedMethod, type ExplainedService, explainServices } from "../explain/explanation.js";
import { firstParagraph, isSentAgain } from "../explain/method-words.js";
import type { DiffEntry, DiffSection } from "./diff-entry.js";
import { errorChanges } from "./error-changes.js";
import { methodChanges } from "./method-changes.js";

/** What a change of a contract means to its callers. */
export interface ContractDiff {
  /** What `accord breaking` reports. */
  readonly breaking: readonly DiffEntry[];
  /** All that changed, by what it changed of. */
  readonly sections: readonly DiffSection[];
}

/** Compares two versions of a contract: services, methods and errors, as callers see them. */
export function diffContracts(before: ContractVersion, after: ContractVersion): ContractDiff {
  const breaking = compareContracts(before, after).map(({ rule, severity, message }): DiffEntry => {
    return { effect: severity === "error" ? "breaks" : "warns", text: `${message} (${rule})` };
  });
  const sections = [...errorSections(before.model, after.model), ...serviceSections(before.model, after.model)];
  return { breaking, sections: sections.filter(({ entries }) => entries.length > 0) };
}

function errorSections(before: ContractModel, after: ContractModel): DiffSection[] {
  return after.packages.map((pkg) => ({
    title: `Errors of ${pkg.name}`,
    entries: errorChanges(before.packages.find(({ name }) => name === pkg.name)?.errors ?? [], pkg.errors),
  }));
}

function serviceSections(before: ContractModel, after: ContractModel): DiffSection[] {
  const [was, is] = [before, after].map((model) => explainServices(model, (path) => path)) as [
    ExplainedService[],
    ExplainedService[],
  ];
  const gone = was
    .filter(({ service }) => !is.some((each) => each.service === service))
    .map(
      ({ service }): DiffSection => ({ title: service, entries: [{ effect: "gone", text: "The service is gone." }] }),
    );
  return [
    ...is.flatMap((service) =>
      diffService(
        was.find((each) => each.service === service.service),
        service,
      ),
    ),
    ...gone,
  ];
}

function diffService(before: ExplainedService | undefined, after: ExplainedService): DiffSection[] {
  const name = nameOf(after.service);
  if (before === undefined) {
    const methods = after.methods.map(({ method }) => `\`${method}\``).join(", ");
    return [
      { title: name, entries: [{ effect: "new", text: `The service is new${methods && `, with ${methods}`}.` }] },
    ];
  }
  return [
    { title: name, entries: [...channelChanges(before, after), ...methodsGone(before, after)] },
    ...after.methods.map((method) => ({
      title: `${name}.${method.method}`,
      entries: diffMethod(
        before.methods.find((each) => each.method === method.method),
        method,
      ),
    })),
  ];
}

function diffMethod(before: ExplainedMethod | undefined, after: ExplainedMethod): readonly DiffEntry[] {
  if (before === undefined) {
    const comment = firstParagraph(after.comment);
    return [{ effect: "new", text: comment === "" ? "The method is new." : `The method is new: ${comment}` }];
  }
  return methodChanges(before, after);
}

function methodsGone(before: ExplainedService, after: ExplainedService): DiffEntry[] {
  return before.methods
    .filter(({ method }) => !after.methods.some((each) => each.method === method))
    .map(({ method }) => ({ effect: "gone", text: `The method \`${method}\` is gone.` }));
}

const SPREADS: Readonly<Record<ExplainedService["channel"]["loadBalancing"], string>> = {
  round_robin: "all backends in turn",
  weighted_round_robin: "all backends by the load that they report",
  pick_first: "one backend, all of a client's",
};

function channelChanges(
  { channel: was, ...before }: ExplainedService,
  { channel: is, ...after }: ExplainedService,
): DiffEntry[] {
  const changes: string[] = [];
  if (was.loadBalancing !== is.loadBalancing) {
    changes.push(`Calls go to ${SPREADS[is.loadBalancing]}, instead of to ${SPREADS[was.loadBalancing]}.`);
  }
  // With the last method that was sent again, its throttle goes by itself.
  if (after.methods.some(isSentAgain) && JSON.stringify(was.throttle) !== JSON.stringify(is.throttle)) {
    changes.push(
      is.throttle === null
        ? "Retries no longer stop while most calls fail."
        : `Retries stop while most calls fail (${is.throttle.maxTokens} tokens, of which a success gives back ${is.throttle.tokenRatio}).`,
    );
  }
  if (before.deprecated !== after.deprecated) {
    changes.push(after.deprecated ? "The service is deprecated." : "The service is no longer deprecated.");
  }
  return changes.map((text) => ({ effect: "differs", text }));
}

function nameOf(typeName: string): string {
  return typeName.slice(typeName.lastIndexOf(".") + 1);
}

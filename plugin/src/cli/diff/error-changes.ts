import { duration } from "../../emit/docs/duration.js";
import type { ErrorModel } from "../../model/model.js";
import type { DiffEntry } from "./diff-entry.js";

/** What changed of the errors that a package declares. A number stays when an error is renamed. */
export function errorChanges(before: readonly ErrorModel[], after: readonly ErrorModel[]): DiffEntry[] {
  const changes: DiffEntry[] = [];
  for (const error of after) {
    const was = before.find(({ value }) => value?.number === error.value?.number);
    if (was === undefined) {
      changes.push({ effect: "new", text: `\`${error.code}\` (${error.status}) is new: “${error.messageTemplate}”.` });
    } else {
      changes.push(...errorDifferences(was, error).map((text): DiffEntry => ({ effect: "differs", text })));
    }
  }
  const gone = before.filter(({ value }) => !after.some((error) => error.value?.number === value?.number));
  return [...changes, ...gone.map(({ code }): DiffEntry => ({ effect: "gone", text: `\`${code}\` is gone.` }))];
}

function errorDifferences(was: ErrorModel, is: ErrorModel): string[] {
  const changes: string[] = [];
  const code = `\`${is.code}\``;
  if (was.code !== is.code) {
    changes.push(`\`${was.code}\` is called ${code} now.`);
  }
  if (was.status !== is.status) {
    changes.push(`${code} has the status ${is.status} instead of ${was.status}.`);
  }
  if (was.messageTemplate !== is.messageTemplate) {
    changes.push(`${code} says “${is.messageTemplate}” instead of “${was.messageTemplate}”.`);
  }
  const added = is.metadata.filter((key) => !was.metadata.includes(key));
  const removed = was.metadata.filter((key) => !is.metadata.includes(key));
  if (added.length > 0) {
    changes.push(`${code} also carries ${listed(added)}.`);
  }
  if (removed.length > 0) {
    changes.push(`${code} no longer carries ${listed(removed)}.`);
  }
  if (was.retryAfterMs !== is.retryAfterMs) {
    changes.push(
      is.retryAfterMs === undefined
        ? `${code} no longer says when to try again.`
        : `${code} says to try again after ${duration(is.retryAfterMs)}.`,
    );
  }
  if (was.neverResend !== is.neverResend) {
    changes.push(
      is.neverResend ? `After ${code} a call is never sent again.` : `After ${code} a call may be sent again.`,
    );
  }
  return changes;
}

/** `` `a`, `b` `` */
export function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

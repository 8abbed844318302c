import { Resend, Status } from "../../read/options.js";
import { elementPlace } from "../../read/place.js";
import type { ResolvedError } from "../../resolve/catalog.js";
import { durationMs, renderDuration } from "../../resolve/duration.js";
import type { ResolvedPackage } from "../../resolve/resolved-contract.js";
import { checkedErrors } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { didYouMean, listed, quoted } from "../wording.js";

/** Rules on single errors. */
export const ERROR_RULES = defineRules({
  ERROR_STATUS: {
    severity: "error",
    waivable: false,
    description: "An error without a status, or with `OK`.",
    check: checkStatus,
  },
  ERROR_PLACEHOLDER: {
    severity: "error",
    waivable: false,
    description: "A `{key}` in a message that isn't in `metadata`, or a brace without a partner.",
    check: checkPlaceholder,
  },
  ERROR_METADATA_KEY: {
    severity: "error",
    waivable: false,
    description: "A metadata key that isn't `[a-z][A-Za-z0-9_]*` of at most 64 characters, or a duplicate.",
    check: checkMetadataKeys,
  },
  ERROR_RETRY_AFTER: {
    severity: "error",
    waivable: false,
    description: "A `retry_after` that is 0 or over a day, or beside `resend: RESEND_NEVER`.",
    check: checkRetryAfter,
  },
  ERROR_DOC_URL: {
    severity: "error",
    waivable: false,
    description: "A `doc_url` that is no absolute http(s) URL.",
    check: checkDocUrl,
  },
  ERROR_PARENT: {
    severity: "error",
    waivable: false,
    description:
      "A parent that doesn't exist, is a descendant, has another status, or has metadata or details that the child lacks.",
    check: checkParent,
  },
});

function checkStatus({ contract }: CheckContext, report: Report): void {
  for (const { error } of checkedErrors(contract)) {
    if (error.status === Status.OK) {
      const { annotated, at, desc } = error.raw;
      report(
        annotated ? at.at("status") : elementPlace(desc),
        `${error.code} has no status: say which gRPC status it travels under, [(accord.v1.error) = {status: FAILED_PRECONDITION}]. OK is none.`,
      );
    }
  }
}

function checkPlaceholder({ contract }: CheckContext, report: Report): void {
  for (const { error } of checkedErrors(contract)) {
    if (error.raw.options.message === "") {
      continue;
    }
    const place = error.raw.at.at("message");
    const { parts, problem } = error.message;
    if (problem !== undefined) {
      report(place, `The message of ${error.code} can't be read: ${problem}. Braces enclose metadata keys.`);
    }
    const keys = new Set(parts.flatMap((part) => ("key" in part ? [part.key] : [])));
    for (const key of keys) {
      if (!error.metadata.includes(key)) {
        report(place, `The message of ${error.code} shows {${key}}, ${missingKey(key, error.metadata)}`);
      }
    }
  }
}

function missingKey(key: string, metadata: readonly string[]): string {
  if (key === "") {
    return "which names no metadata key: write one between the braces.";
  }
  const meant = didYouMean(key, metadata);
  return `which isn't in its metadata${meant === "" ? `: add metadata: ${quoted(key)}.` : `.${meant}`}`;
}

const METADATA_KEY = /^[a-z][A-Za-z0-9_]{0,63}$/;

function checkMetadataKeys({ contract }: CheckContext, report: Report): void {
  for (const { error } of checkedErrors(contract)) {
    error.metadata.forEach((key, index) => {
      const place = error.raw.at.at("metadata", { index, of: error.metadata.length });
      if (!METADATA_KEY.test(key)) {
        report(
          place,
          `${quoted(key)} of ${error.code} is no metadata key: write a lower-case letter, then up to 63 letters, digits and underscores.`,
        );
      } else if (error.metadata.indexOf(key) !== index) {
        report(place, `${error.code} has the metadata key ${quoted(key)} twice: remove one.`);
      }
    });
  }
}

const LONGEST_RETRY_AFTER_MS = 86_400_000;

function checkRetryAfter({ contract }: CheckContext, report: Report): void {
  for (const { error } of checkedErrors(contract)) {
    const { options, at } = error.raw;
    const ms = durationMs(options.retryAfter);
    if (ms === 0) {
      report(
        at.at("retryAfter"),
        `retry_after of ${error.code} is 0, which asks for a retry at once: raise it, or leave it out.`,
      );
    } else if (ms !== undefined && ms > LONGEST_RETRY_AFTER_MS) {
      report(
        at.at("retryAfter"),
        `retry_after of ${error.code} is ${renderDuration(ms)}, over a day: nobody waits that long. Leave it out.`,
      );
    }
    if (options.retryAfter !== "" && options.resend === Resend.NEVER) {
      report(
        at.at("resend"),
        `${error.code} forbids sending the call again, and says when to: remove \`resend\` or \`retry_after\`.`,
      );
    }
  }
}

// URL.canParse takes them, and encodes or drops them; a page or a comment that has the URL would end at some.
const UNSAFE_IN_URLS = /[\s\p{Cc}\\<>"`]/u;
const UNSAFE_IN_URLS_ALL = new RegExp(UNSAFE_IN_URLS, "gu");

function checkDocUrl({ contract }: CheckContext, report: Report): void {
  for (const { error } of checkedErrors(contract)) {
    const { docUrl } = error.raw.options;
    if (docUrl !== "" && !(/^https?:\/\/[^\s/]/.test(docUrl) && URL.canParse(docUrl))) {
      report(
        error.raw.at.at("docUrl"),
        `${quoted(docUrl)} is no URL: write it whole, like "https://docs.example.com/errors/${error.code.toLowerCase()}".`,
      );
    } else if (UNSAFE_IN_URLS.test(docUrl)) {
      const encoded = docUrl.replace(UNSAFE_IN_URLS_ALL, encodeURIComponent);
      report(error.raw.at.at("docUrl"), `${quoted(docUrl)} has characters that no URL has: write ${quoted(encoded)}.`);
    }
  }
}

function checkParent({ contract }: CheckContext, report: Report): void {
  for (const { error, pkg } of checkedErrors(contract)) {
    const name = error.raw.options.parent;
    if (name === "") {
      continue;
    }
    const problem = parentProblem(error, name, pkg);
    if (problem !== undefined) {
      report(error.raw.at.at("parent"), problem);
    }
  }
}

function parentProblem(error: ResolvedError, name: string, pkg: ResolvedPackage): string | undefined {
  const parent = pkg.errorByCode.get(name);
  if (parent === undefined) {
    const codes = (pkg.catalog?.errors ?? []).map((candidate) => candidate.code);
    return `No error of the catalogue has the code ${quoted(name)}.${didYouMean(name, codes)}`;
  }
  const line = [error];
  for (let next: ResolvedError | undefined = parent; next !== undefined; ) {
    if (next === error) {
      const circle = [...line, error].map((member) => member.code).join(" → ");
      return `${error.code} is its own ancestor: ${circle}. Remove one of the parents.`;
    }
    if (line.includes(next)) {
      // A circle further up: its members are told.
      return undefined;
    }
    line.push(next);
    next = pkg.errorByCode.get(next.raw.options.parent);
  }
  if (parent.status !== error.status) {
    return `${error.code} is ${Status[error.status]}, but its parent ${parent.code} is ${Status[parent.status]}: catching the parent promises its status. Use the same, or remove the parent.`;
  }
  for (const what of ["metadata", "details"] as const) {
    const lacking = parent[what].filter((name) => !error[what].includes(name));
    if (lacking.length > 0) {
      return `${error.code} lacks the ${what} of its parent ${parent.code}: add ${listed(lacking.map(quoted))}.`;
    }
  }
  return undefined;
}

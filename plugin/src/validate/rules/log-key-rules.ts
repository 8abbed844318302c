import type { DescFile } from "@bufbuild/protobuf";
import { fileOf } from "../../read/descriptor-path.js";
import { type LogField, Mask } from "../../read/options.js";
import { elementPlace, type Place } from "../../read/place.js";
import type { LogEntry } from "../../resolve/log-fields.js";
import { MOST_MARKS } from "../../resolve/log-marks.js";
import { pathText } from "../../resolve/log-path.js";
import type { ResolvedContract, ResolvedMethod } from "../../resolve/resolved-contract.js";
import { checkedFiles, checkedMethods, checkedServices } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { quoted } from "../wording.js";
import { type WrittenLogField, writtenLogFields } from "../written-log-fields.js";

/** Rules on the keys of what is logged, and on how log fields work together. */
export const LOG_KEY_RULES = defineRules({
  LOG_KEY_FORMAT: {
    severity: "error",
    waivable: false,
    description: "A log key that isn't `[A-Za-z_][A-Za-z0-9_.-]*` of at most 64 characters.",
    check: checkFormat,
  },
  LOG_KEY_RESERVED: {
    severity: "error",
    waivable: true,
    description: "A log key that each log line has anyway, like `status` or `code`.",
    check: checkReserved,
  },
  LOG_NAME_CLASH: {
    severity: "error",
    waivable: false,
    description: "Two values that are logged of the same call under the same key, or a path that is written twice.",
    check: checkClash,
  },
  LOG_DROP_UNUSED: {
    severity: "warning",
    waivable: true,
    description: "`MASK_DROP` for a path that nothing logs.",
    check: checkDrops,
  },
  LOG_MARK_COUNT: {
    severity: "error",
    waivable: false,
    description: `A request in which marks reach more than ${MOST_MARKS} fields.`,
    check: checkMarkCount,
  },
});

const KEY = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;

function checkFormat({ contract }: CheckContext, report: Report): void {
  const check = (key: string, place: Place): void => {
    if (key !== "" && !KEY.test(key)) {
      report(
        place,
        `${quoted(key)} is no log key: write a letter or underscore, then up to 63 letters, digits and "_.-".`,
      );
    }
  };
  for (const { field, at } of writtenLogFields(contract)) {
    check(field.as, at.at("as"));
  }
  for (const { options, at } of checkedFiles(contract).flatMap((file) => file.fields)) {
    check(options.log?.as ?? "", at.at("log").at("as"));
  }
}

/** What the runtime's log lines and pino's have of their own. */
const RESERVED: ReadonlySet<string> = new Set([
  "code",
  "duration_ms",
  "err",
  "error",
  "error_id",
  "hostname",
  "level",
  "msg",
  "path",
  "payload",
  "peer",
  "pid",
  "requests",
  "responses",
  "service",
  "status",
  "time",
  "undeclared",
  "trace_id",
  "span_id",
]);

function checkReserved({ contract }: CheckContext, report: Report): void {
  const checked = filesOf(contract);
  for (const method of checkedMethods(contract)) {
    for (const entry of [...method.log.request, ...method.log.response]) {
      if (RESERVED.has(entry.key)) {
        const message = method.log.response.includes(entry) ? "response" : "request";
        report(
          placeIn(checked, [entry], method),
          `${pathText(entry.fields)} is logged as ${quoted(entry.key)}, which each log line has anyway: give it another key, like \`as: "${message}_${entry.key}"\`.`,
        );
      }
    }
  }
}

function filesOf(contract: ResolvedContract): ReadonlySet<DescFile> {
  return new Set(checkedFiles(contract).map((file) => file.desc));
}

/** Where to tell of entries: where the first of them is written, unless that is in a file that isn't checked. */
function placeIn(checked: ReadonlySet<DescFile>, entries: readonly LogEntry[], method: ResolvedMethod): Place {
  const entry = entries.find(({ place }) => checked.has(fileOf(place.desc)));
  return entry?.place ?? elementPlace(method.raw.desc);
}

function checkClash({ contract }: CheckContext, report: Report): void {
  const checked = filesOf(contract);
  for (const method of checkedMethods(contract)) {
    const { request, response } = method.log;
    const known = new Map<string, LogEntry>();
    for (const entry of [...request, ...response]) {
      const other = known.get(entry.key);
      known.set(entry.key, other ?? entry);
      if (other !== undefined) {
        const name = ({ fields }: LogEntry, isResponse: boolean) =>
          `${pathText(fields)}${response.length > 0 ? ` of the ${isResponse ? "response" : "request"}` : ""}`;
        const first = name(other, response.includes(other));
        const second = name(entry, response.includes(entry));
        report(
          placeIn(checked, bySpeaker(entry, other), method),
          `${first} and ${second} are both logged as ${quoted(entry.key)}: give one of them another key with \`as\`.`,
        );
      }
    }
  }
  for (const [field, at] of repeatedFields(contract)) {
    report(at.at("path"), `${quoted(field.path)} is written twice: remove one.`);
  }
}

/** A mark can't know of what else is logged: the method or service is told before it is. */
function bySpeaker(...entries: readonly LogEntry[]): LogEntry[] {
  const isMark = (entry: LogEntry) => entry.place.desc.kind === "field";
  return [...entries.filter((entry) => !isMark(entry)), ...entries.filter(isMark)];
}

function repeatedFields(contract: ResolvedContract): Map<LogField, WrittenLogField["at"]> {
  const repeated = new Map<LogField, WrittenLogField["at"]>();
  const seen = new Map<unknown, Set<string>>();
  for (const { field, at } of writtenLogFields(contract)) {
    const paths = seen.get(at.desc) ?? new Set();
    seen.set(at.desc, paths);
    const identity = `${field.onResponse} ${field.path}`;
    if (paths.has(identity)) {
      repeated.set(field, at);
    }
    paths.add(identity);
  }
  return repeated;
}

function checkDrops({ contract }: CheckContext, report: Report): void {
  const useful = new Set<LogField>();
  const places = new Map<LogField, Place>();
  for (const service of checkedServices(contract)) {
    for (const { field, place, useful: isUseful } of service.methods.flatMap((method) => method.log.dropped)) {
      places.set(field, place);
      if (isUseful) {
        useful.add(field);
      }
    }
  }
  for (const [field, place] of places) {
    if (field.mask === Mask.DROP && !useful.has(field)) {
      report(
        place,
        `${quoted(field.path)} is dropped, but nothing logs it: remove the log field; to hide the field from payloads, mark it debug_redact.`,
      );
    }
  }
}

function checkMarkCount({ contract }: CheckContext, report: Report): void {
  for (const { raw, log } of checkedMethods(contract)) {
    if (log.tooManyMarks) {
      report(
        elementPlace(raw.desc),
        `Marks reach more than ${MOST_MARKS} fields of ${raw.desc.input.name}, which no log line should have: remove marks, and name what ${raw.desc.name} logs in its own \`log\`.`,
      );
    }
  }
}

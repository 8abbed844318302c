import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { type LogField, Mask } from "../read/options.js";
import type { Place } from "../read/place.js";
import type { RawMethod } from "../read/raw-contract.js";
import type { LogMarks } from "./log-marks.js";
import { pathText, readLogPath } from "./log-path.js";

/** A field that is logged of a method's calls. */
export interface LogEntry {
  readonly key: string;
  readonly fields: readonly DescField[];
  readonly mask: Mask;
  /** Where the contract asks for it. */
  readonly place: Place;
}

/** What is logged of a method's calls: marks, then the service's fields, then its own; the last word on a path wins. */
export interface EffectiveLog {
  readonly request: readonly LogEntry[];
  readonly response: readonly LogEntry[];
  /** Fields that a mark or a log field masks or drops, by their full names: payloads don't show them either. */
  readonly redact: readonly string[];
  /** The request has more marked fields than a log line should have. */
  readonly tooManyMarks: boolean;
  /** Fields that are dropped though nothing logs them, by their place. */
  readonly dropped: readonly { readonly field: LogField; readonly place: Place; readonly useful: boolean }[];
}

const NO_LOG: EffectiveLog = { request: [], response: [], redact: [], tooManyMarks: false, dropped: [] };

/** What is logged of a method's calls. Paths that lead nowhere are left out: rules tell of them. */
export function effectiveLog(method: RawMethod, marks: LogMarks): EffectiveLog {
  const marked = marks.of(method.desc.input);
  const fields = [
    ...method.service.options.log.map((field, index, { length: of }) => ({
      field,
      place: method.service.at.at("log", { index, of }),
    })),
    ...method.options.log.map((field, index, { length: of }) => ({ field, place: method.at.at("log", { index, of }) })),
  ];
  const masked = new Set(marks.maskedWithin([method.desc.input, method.desc.output]));
  if (fields.length === 0 && marked.paths.length === 0 && masked.size === 0) {
    return NO_LOG;
  }
  const request = new Map<string, LogEntry>();
  const response = new Map<string, LogEntry>();
  for (const { fields: path, mark, raw } of marked.paths) {
    // A mark inside a oneof's member or a plain field: the path from the request names it either way.
    if (mark.mask !== Mask.DROP && isLoggable(path)) {
      const text = pathText(path);
      request.set(text, { key: mark.as || text, fields: path, mask: mark.mask, place: raw.at.at("log") });
    }
  }
  const dropped: { field: LogField; place: Place; useful: boolean }[] = [];
  for (const { field, place } of fields) {
    const leaf = field.mask === Mask.UNSPECIFIED ? undefined : leafOf(field, method);
    if (leaf !== undefined) {
      masked.add(leaf);
    }
    const entries = field.onResponse ? response : request;
    const path = pathOf(field, method);
    if (path === undefined) {
      continue;
    }
    const existed = entries.delete(field.path);
    if (field.mask === Mask.DROP) {
      dropped.push({ field, place, useful: existed });
    } else {
      entries.set(field.path, { key: field.as || field.path, fields: path, mask: field.mask, place });
    }
  }
  return {
    request: [...request.values()],
    response: [...response.values()],
    redact: [...masked].map(({ parent, name }) => `${parent.typeName}.${name}`).sort(),
    tooManyMarks: marked.tooMany,
    dropped,
  };
}

/** The message that a log field reads; undefined for what can't be read: responses that are streamed. */
export function loggedMessage(field: LogField, method: RawMethod): DescMessage | undefined {
  if (!field.onResponse) {
    return method.desc.input;
  }
  const { methodKind } = method.desc;
  return methodKind === "server_streaming" || methodKind === "bidi_streaming" ? undefined : method.desc.output;
}

/** The field that a log field names. In a streamed response too, of which nothing is logged otherwise. */
function leafOf(field: LogField, { desc }: RawMethod): DescField | undefined {
  const reading = readLogPath(field.onResponse ? desc.output : desc.input, field.path);
  return reading.kind === "value" ? reading.fields.at(-1) : undefined;
}

function pathOf(field: LogField, method: RawMethod): readonly DescField[] | undefined {
  const message = loggedMessage(field, method);
  const reading = message === undefined ? undefined : readLogPath(message, field.path);
  return reading?.kind === "value" ? reading.fields : undefined;
}

function isLoggable(path: readonly DescField[]): boolean {
  const [first] = path;
  return first !== undefined && readLogPath(first.parent, pathText(path)).kind === "value";
}

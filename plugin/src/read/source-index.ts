import type { AnyDesc, DescFile } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, type SourceCodeInfo_Location } from "@bufbuild/protobuf/wkt";
import { descriptorPath, fileOf, namePath } from "./descriptor-path.js";
import { commentedLocations, type Part } from "./encoded-source-info.js";
import { OPTION_NUMBER } from "./option-number.js";
import type { ListElement, MapEntry, OptionPath, Place, Step } from "./place.js";
import { NO_SOURCES, type ProtoSources } from "./source/proto-sources.js";
import { writtenSource } from "./source/written-source.js";

// What the compilers give (buf 1.75, protoc 3.21), for an option on an element:
// - `option (accord.v1.method).call.timeout = "5s";` both give the path down to `timeout`.
// - `option (accord.v1.method) = {call: {timeout: "5s"}};` protoc gives the option alone. buf also gives each value
//   in the literal (here: to `timeout`), but neither the messages between (`call`), nor empty messages, nor what is in
//   an element of a list or map.
// - A list is counted by occurrences, not by elements: `raises: ["A", "B"]` is one location, with index 0.
//
// What they don't give is read from the file's text, where that is at hand (`source/`).

/** Where something stands in a file. Both are 1-based. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

interface SourceIndex {
  /** By path, `6,0,2,1`. */
  readonly exact: ReadonlyMap<string, Position>;
  /** By the path of something in an Accord option: the first location within. */
  readonly within: ReadonlyMap<string, Position>;
  /** Where Accord's options, and what is in them, begin and end. */
  readonly optionBounds: readonly Position[];
}

const indexes = new WeakMap<DescFile, SourceIndex>();

/**
 * Where a place stands: where the compiler says, or else the file's text, or else what is around it, or else the start of
 * the file (a request may come without source info).
 */
export function positionOf({ origin, steps, option }: Place, sources: ProtoSources = NO_SOURCES): Position {
  const index = sourceIndexOf(fileOf(origin));
  const element = descriptorPath(origin);
  if (option !== undefined && steps.length > 0) {
    const given = findStep(index, element, steps);
    const found = given?.exact ? given.position : (findInText(index, origin, option, sources) ?? given?.position);
    if (found !== undefined) {
      return found;
    }
  }
  return index.exact.get(namePath(origin).join()) ?? index.exact.get(element.join()) ?? { line: 1, column: 1 };
}

function findInText(
  { exact, optionBounds }: SourceIndex,
  origin: AnyDesc,
  option: OptionPath,
  sources: ProtoSources,
): Position | undefined {
  const zeroBased = ({ line, column }: Position) => ({ line: line - 1, column: column - 1 });
  const point = writtenSource(origin, sources, {
    at: (path) => {
      const position = exact.get(path);
      return position && zeroBased(position);
    },
    bounds: optionBounds.map(zeroBased),
  })?.find(origin, option);
  return point && { line: point.line + 1, column: point.column + 1 };
}

interface GivenPosition {
  readonly position: Position;
  /** Whether it is the place's own, and not that of something within or around it. */
  readonly exact: boolean;
}

function findStep(index: SourceIndex, element: readonly number[], steps: readonly Step[]): GivenPosition | undefined {
  let prefix = element.join();
  const prefixes: string[] = [];
  for (const step of steps) {
    const next = typeof step === "number" ? String(step) : locatePart(index, prefix, step);
    if (next === undefined) {
      break;
    }
    prefix = prefix === "" ? next : `${prefix},${next}`;
    prefixes.push(prefix);
  }
  // The first step is the options message itself: its locations are any option's, not ours.
  for (let depth = prefixes.length - 1; depth >= 1; depth--) {
    const key = prefixes[depth] ?? "";
    const own = index.exact.get(key);
    const position = own ?? index.within.get(key);
    if (position !== undefined) {
      return { position, exact: own !== undefined && depth === steps.length - 1 && !isShared(index, prefixes, steps) };
    }
  }
  return undefined;
}

/** Whether a location on the way is that of several elements of a list. */
function isShared(index: SourceIndex, prefixes: readonly string[], steps: readonly Step[]): boolean {
  return steps.some(
    (step, depth) => typeof step === "object" && "of" in step && occurrencesOf(index, prefixes[depth - 1]) !== step.of,
  );
}

/** Which of the occurrences of a list holds an element; undefined if it can't be told. */
function locatePart(index: SourceIndex, list: string, part: ListElement | MapEntry): string | undefined {
  if ("key" in part) {
    return undefined;
  }
  const { index: i, of } = part;
  const occurrences = occurrencesOf(index, list);
  // Each occurrence holds at least one element, so element i is in none after the i-th, counted from either end.
  const first = Math.max(0, i - (of - occurrences));
  const last = Math.min(i, occurrences - 1);
  return first === last ? String(first) : undefined;
}

function occurrencesOf(index: SourceIndex, list = ""): number {
  let occurrences = 0;
  while (index.exact.has(`${list},${occurrences}`)) {
    occurrences++;
  }
  return occurrences;
}

function sourceIndexOf(file: DescFile): SourceIndex {
  const known = indexes.get(file);
  if (known !== undefined) {
    return known;
  }
  const exact = new Map<string, Position>();
  const within = new Map<string, Position>();
  const optionBounds: Position[] = [];
  for (const location of file.proto.sourceCodeInfo?.location ?? []) {
    const position = startOf(location);
    const key = location.path.join();
    if (!exact.has(key)) {
      exact.set(key, position);
    }
    if (location.path.includes(OPTION_NUMBER)) {
      optionBounds.push(position, endOf(location));
    }
    for (let end = location.path.lastIndexOf(OPTION_NUMBER) + 1; end > 0 && end < location.path.length; end++) {
      const prefix = location.path.slice(0, end).join();
      const first = within.get(prefix);
      if (first === undefined || isBefore(position, first)) {
        within.set(prefix, position);
      }
    }
  }
  const index = { exact, within, optionBounds };
  indexes.set(file, index);
  return index;
}

function startOf(location: SourceCodeInfo_Location): Position {
  return { line: (location.span[0] ?? 0) + 1, column: (location.span[1] ?? 0) + 1 };
}

function endOf({ span: [line = 0, , third = 0, fourth] }: SourceCodeInfo_Location): Position {
  return fourth === undefined ? { line: line + 1, column: third + 1 } : { line: third + 1, column: fourth + 1 };
}

function isBefore(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column);
}

type Comments = ReadonlyMap<string, SourceCodeInfo_Location>;

const comments: Readonly<Record<Part, WeakMap<DescFile, Comments>>> = {
  messages: new WeakMap(),
  others: new WeakMap(),
};

/**
 * The comment on an element: what stands before it, and what stands behind it on its line. Paragraphs are separated by
 * an empty line, lines by `\n`; instructions to linters are left out.
 *
 * @returns undefined if there is none
 */
export function commentOf(desc: AnyDesc): string | undefined {
  const location = commentedLocation(fileOf(desc), desc.kind === "file" ? namePath(desc) : descriptorPath(desc));
  const paragraphs = [location?.leadingComments, location?.trailingComments].map(tidy).filter((text) => text !== "");
  return paragraphs.length > 0 ? paragraphs.join("\n\n") : undefined;
}

/** The comments above a file's `syntax` or `edition` statement, from the top. Lines are separated by `\n`. */
export function fileComments(file: DescFile): string[] {
  const location = commentedLocation(file, [FileDescriptorProtoSchema.field.syntax.number]);
  const { leadingDetachedComments = [], leadingComments = "" } = location ?? {};
  return [...leadingDetachedComments, leadingComments]
    .filter((comment) => comment !== "")
    .map((comment) => comment.replace(/\r\n|[\r\u2028\u2029]/g, "\n"));
}

function commentedLocation(file: DescFile, path: readonly number[]): SourceCodeInfo_Location | undefined {
  const part = path[0] === FileDescriptorProtoSchema.field.messageType.number ? "messages" : "others";
  let commented = comments[part].get(file);
  if (commented === undefined) {
    commented = new Map(commentedLocations(file.proto, part).map((location) => [location.path.join(), location]));
    comments[part].set(file, commented);
  }
  return commented.size === 0 ? undefined : commented.get(path.join());
}

const LINT_INSTRUCTION = /^\s*buf:lint:ignore\b/;

function tidy(comment: string | undefined): string {
  const lines = (comment ?? "").split(/\r?\n/).filter((line) => !LINT_INSTRUCTION.test(line));
  return lines
    .map((line) => line.replace(/^ /, "").trimEnd())
    .join("\n")
    .trim();
}

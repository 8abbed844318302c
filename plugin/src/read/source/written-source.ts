import type { AnyDesc, DescEnum, DescFile, DescMessage } from "@bufbuild/protobuf";
import { fileOf, namePath } from "../descriptor-path.js";
import type { OptionPath } from "../place.js";
import { elementKey, outlineOf, type WrittenElement } from "./proto-outline.js";
import type { ProtoSources } from "./proto-sources.js";
import { type Token, tokensOf } from "./proto-tokens.js";
import { COLUMN_COUNTS, type ColumnCount, columnAfter } from "./source-columns.js";
import { findWritten } from "./written-options.js";

/** Somewhere in a text. Both are 0-based, as in source info. */
export interface SourcePoint {
  readonly line: number;
  readonly column: number;
}

/** Where the compiler says that something begins. */
export interface CompilerPoints {
  /** By its path in the descriptor: `6,0,1`. */
  at(path: string): SourcePoint | undefined;
  /** Where all that is in options begins and ends. */
  readonly bounds: readonly SourcePoint[];
}

/** The text of a proto file, of which it is certain that the compiler has read it. */
export class WrittenSource {
  readonly #elements: ReadonlyMap<string, WrittenElement>;
  readonly #lines: readonly string[];
  readonly #count: ColumnCount;

  private constructor(elements: ReadonlyMap<string, WrittenElement>, lines: readonly string[], count: ColumnCount) {
    this.#elements = elements;
    this.#lines = lines;
    this.#count = count;
  }

  /**
   * Reads the text of a file.
   *
   * @returns undefined if none of the texts is the one that the compiler has read
   */
  static read(file: DescFile, sources: ProtoSources, points: CompilerPoints): WrittenSource | undefined {
    for (const text of sources(file.proto.name)) {
      const elements = outlineOf(text);
      const lines = text.split("\n");
      const names = compiledNames(file, points).map(({ key, point }) => ({ point, name: elements.get(key)?.name }));
      if (names.length === 0 || names.some(({ point, name }) => name?.line !== point.line)) {
        continue;
      }
      const fits = (count: ColumnCount) =>
        names.filter(({ name, point }) => name && columnOf(lines, name, count) === point.column).length;
      const [best, ...others] = COLUMN_COUNTS;
      const count = best && others.reduce((a, b) => (fits(b) > fits(a) ? b : a), best);
      if (count !== undefined && fits(count) > 0 && isBounded(text, lines, count, points.bounds)) {
        return new WrittenSource(elements, lines, count);
      }
    }
    return undefined;
  }

  /** Where a value in an element's option stands, or what is around it as far as it is written. */
  find(desc: AnyDesc, option: OptionPath): SourcePoint | undefined {
    const key = keyOf(desc);
    const element = key === undefined ? undefined : this.#elements.get(key);
    const token = element && findWritten(element.options, option);
    return token && { line: token.line, column: columnOf(this.#lines, token, this.#count) };
  }
}

/** Whether tokens begin or end at all of these points. An editor's compiler reads what isn't saved yet: names stay, and literals change. */
function isBounded(
  text: string,
  lines: readonly string[],
  count: ColumnCount,
  points: readonly SourcePoint[],
): boolean {
  if (points.length === 0) {
    return true;
  }
  const wanted = new Set(points.map(({ line }) => line));
  const found = new Set(
    tokensOf(text)
      .filter(({ line }) => wanted.has(line))
      .flatMap((token) => [token, { ...token, offset: token.offset + lengthOf(token) }])
      .map((point) => `${point.line}:${columnOf(lines, point, count)}`),
  );
  return points.every(({ line, column }) => found.has(`${line}:${column}`));
}

function lengthOf({ kind, text }: Token): number {
  return text.length + (kind === "string" ? 2 : 0);
}

function columnOf(lines: readonly string[], { line, offset }: Token, count: ColumnCount): number {
  return columnAfter((lines[line] ?? "").slice(0, offset), count);
}

/** The elements whose names tell one file from another, and where the compiler has seen them. */
function compiledNames(file: DescFile, points: CompilerPoints): { key: string; point: SourcePoint }[] {
  const elements: AnyDesc[] = [
    file,
    ...file.services.flatMap((service) => [service, ...service.methods]),
    ...enumsOf(file),
    ...messagesOf(file),
  ];
  return elements.flatMap((desc) => {
    const key = keyOf(desc);
    const point = points.at(namePath(desc).join());
    return key === undefined || point === undefined ? [] : [{ key, point }];
  });
}

function messagesOf(parent: DescFile | DescMessage): DescMessage[] {
  const messages = parent.kind === "file" ? parent.messages : parent.nestedMessages;
  return messages.flatMap((message) => [message, ...messagesOf(message)]);
}

function enumsOf(parent: DescFile | DescMessage): DescEnum[] {
  const [enums, messages] =
    parent.kind === "file" ? [parent.enums, parent.messages] : [parent.nestedEnums, parent.nestedMessages];
  return [...enums, ...messages.flatMap(enumsOf)];
}

function keyOf(desc: AnyDesc): string | undefined {
  if (desc.kind === "oneof" || desc.kind === "extension") {
    return undefined;
  }
  return elementKey(desc.kind, namesOf(desc));
}

function namesOf(desc: AnyDesc): string[] {
  switch (desc.kind) {
    case "file":
      return [];
    case "service":
      return [desc.name];
    case "rpc":
    case "field":
    case "enum_value":
    case "oneof":
      return [...namesOf(desc.parent), desc.name];
    default:
      return desc.parent === undefined ? [desc.name] : [...namesOf(desc.parent), desc.name];
  }
}

const known = new WeakMap<ProtoSources, WeakMap<DescFile, WrittenSource | "unknown">>();

/** The text of the file that an element is in, read once. */
export function writtenSource(desc: AnyDesc, sources: ProtoSources, points: CompilerPoints): WrittenSource | undefined {
  const file = fileOf(desc);
  const files = known.get(sources) ?? new WeakMap<DescFile, WrittenSource | "unknown">();
  known.set(sources, files);
  const source = files.get(file) ?? WrittenSource.read(file, sources, points) ?? "unknown";
  files.set(file, source);
  return source === "unknown" ? undefined : source;
}

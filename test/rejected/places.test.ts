import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as accord from "@accord-grpc/runtime/accord/v1/options_pb";
import type { AnyDesc, DescFile, DescMessage } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OptionPlace } from "../../plugin/src/read/place.js";
import { readRawContract } from "../../plugin/src/read/read-contract.js";
import type { ProtoSources } from "../../plugin/src/read/source/proto-sources.js";
import { positionOf } from "../../plugin/src/read/source-index.js";
import { sourcesIn } from "../../plugin/src/sources-in-folder.js";
import { compileAlone, compileAloneWithProtoc, hasProtoc } from "./compile-cases.js";

// Every list of the language, in every way to write it: each place in it is its element's own.

const EXTENSIONS = {
  file: accord.file,
  service: accord.service,
  method: accord.method,
  field: accord.field,
  errors: accord.errors,
  error: accord.error,
};
type Extension = keyof typeof EXTENSIONS;

/** A list of the language: the option that it is in, and the way to it. A name with `*` is a map's. */
interface ListPath {
  readonly option: Extension;
  readonly path: readonly string[];
  /** What an element may look like. */
  readonly element: string;
}

function listsOf(option: Extension): ListPath[] {
  const lists: ListPath[] = [];
  const visit = (message: DescMessage, path: readonly string[]): void => {
    for (const field of message.fields) {
      if (field.fieldKind === "list") {
        const element = field.message ? "{}" : field.enum ? (field.enum.values[1]?.name ?? "") : '"x"';
        lists.push({ option, path: [...path, field.name], element });
      } else if (field.message !== undefined) {
        visit(field.message, [...path, field.fieldKind === "map" ? `${field.name}*` : field.name]);
      }
    }
  };
  const { message } = EXTENSIONS[option];
  if (message !== undefined) {
    visit(message, []);
  }
  return lists;
}

const LISTS = (Object.keys(EXTENSIONS) as Extension[]).flatMap(listsOf);

// `@` stands before what a place is expected to point at.
const SPELLINGS: Readonly<Record<string, (list: ListPath) => string[]>> = {
  "one list": ({ element: e, ...list }) => [literal(list, (name) => `${name}: [@${e}, @${e}, /* , { */ @${e}]`)],
  "one list over several lines": ({ element: e, ...list }) => [
    literal(list, (name) => `// ${name}: [\n  ${name} : [\n  @${e},\n  @${e},\n  // ]\n  @${e}\n  ]`),
  ],
  "a list indented by tabs": ({ element: e, ...list }) => [
    literal(list, (name) => `${name}: [\n\t@${e},\n \t\t@${e}, @${e}]`),
  ],
  "repeated fields": ({ element: e, ...list }) => [
    literal(list, (name) => `@${name}: ${e} @${name}: ${e}, @${name}: ${e}`),
  ],
  both: ({ element: e, ...list }) => [literal(list, (name) => `${name}: [@${e}, @${e}]; @${name}: ${e}`)],
  "several statements": ({ option, path, element: e }) =>
    path.some((name) => name.endsWith("*"))
      ? []
      : [1, 2, 3].map(() => `@(accord.v1.${option}).${path.join(".")} = ${e}`),
};

function literal({ option, path }: Pick<ListPath, "option" | "path">, print: (name: string) => string): string {
  const [last = "", ...outer] = [...path].reverse();
  const value = outer.reduce(
    (inner, name) =>
      name.endsWith("*")
        ? `${name.slice(0, -1)}: { key: "other" value {} } ${name.slice(0, -1)}: { key: "k" value: { ${inner} } }`
        : `${name}: { ${inner} }`,
    print(last),
  );
  return `(accord.v1.${option}) = { ${value} }`;
}

/** A file with options at the right element, and where the marks in them stood. */
function fileOf(name: string, option: Extension, statements: readonly string[]): { text: string; marks: Mark[] } {
  const statement = (at: Extension) => (at === option ? statements.map((text) => `option ${text};\n`).join("") : "");
  const bracketed = (at: Extension) => (at === option ? `[deprecated = true, ${statements.join(", ")}]` : "");
  const marked = `syntax = "proto3";
package ${name};
import "accord/v1/options.proto";
${statement("file")}
service S {
  // option (accord.v1.service) = { raises: ["comment"] };
  ${statement("service")}
	rpc M(Q) returns (Q) {
    ${statement("method")}
  }
}
message Q {
  message Inner { map<string, Q> map = 1; }
  oneof choice { string one = 2; string two = 3 ${bracketed("field")}; }
}
enum E {
  ${statement("errors")}
  ZERO = 0;
  ONE = 1 ${bracketed("error")};
}
`;
  const marks: Mark[] = [];
  const lines = marked.split("\n").map((line, index) => {
    let rest = line;
    for (let at = rest.indexOf("@"); at !== -1; at = rest.indexOf("@")) {
      rest = rest.slice(0, at) + rest.slice(at + 1);
      marks.push({ line: index + 1, before: rest.slice(0, at) });
    }
    return rest;
  });
  return { text: lines.join("\n"), marks };
}

interface Mark {
  readonly line: number;
  readonly before: string;
}

/** Where the option of a file made by {@link fileOf} is. */
function optionPlace(file: DescFile, option: Extension): OptionPlace<unknown> | undefined {
  const [raw] = readRawContract([file], new Set()).files;
  switch (option) {
    case "file":
      return raw?.at;
    case "service":
      return raw?.services[0]?.at;
    case "method":
      return raw?.services[0]?.methods[0]?.at;
    case "field":
      return raw?.fields[0]?.at;
    case "errors":
      return raw?.catalogs[0]?.at;
    case "error":
      return raw?.strayErrors[0]?.at;
  }
}

/** The place of an element of a list. */
function elementOf(file: DescFile, { option, path }: ListPath, index: number): OptionPlace<unknown> | undefined {
  const start = optionPlace(file, option);
  let schema: DescMessage | undefined = EXTENSIONS[option].message;
  let place = start;
  for (const step of path) {
    const name = step.replace("*", "");
    const field: DescMessage["fields"][number] | undefined = schema?.fields.find((each) => each.name === name);
    const part = field?.fieldKind === "list" ? { index, of: 3 } : field?.fieldKind === "map" ? { key: "k" } : undefined;
    place = place && untyped(place).at(field?.localName ?? "", part);
    schema = field?.message;
  }
  return place;
}

/** The names of fields are computed here, which types can't follow. */
const untyped = (place: OptionPlace<unknown>) => place as unknown as OptionPlace<Record<string, AnyDesc>>;

const CASES = LISTS.flatMap((list, index) =>
  Object.entries(SPELLINGS).flatMap(([spelling, write], variant) => {
    const name = `p${index}_${variant}`;
    const statements = write(list);
    const { text, marks } = fileOf(name, list.option, statements);
    const title = `${list.option}: ${list.path.join(".")}, ${spelling}`;
    // No statement leads into a map.
    return statements.length === 0 ? [] : [{ name, list, text, marks, title }];
  }),
);

let folder: string;
let sources: ProtoSources;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "accord-places-"));
  // Not the text that was compiled, though it has the path of one that was.
  const decoys = CASES.map(({ name, text }) => ({ path: `a/${name}.proto`, text: `// Another version.\n${text}` }));
  for (const { path, text } of [...decoys, ...CASES.map(({ name, text }) => ({ path: `b/${name}.proto`, text }))]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  cpSync(join(import.meta.dirname, "../../proto"), join(folder, "b"), { recursive: true });
  sources = sourcesIn(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const COMPILERS = [
  { compiler: "buf", tab: 4, compile: compileAlone },
  { compiler: "protoc", tab: 8, compile: compileAloneWithProtoc },
];

it("has lists to look at", () => {
  expect(LISTS.map(({ option, path }) => `${option} ${path.join(".")}`)).toContain("service retry_policies*.codes");
  expect(LISTS.length).toBeGreaterThan(12);
});

describe.each(COMPILERS)("places of list elements, compiled by $compiler", ({ compiler, tab, compile }) => {
  const missing = compiler === "protoc" && !hasProtoc();
  let files: ReadonlyMap<string, DescFile>;
  beforeAll(() => {
    files = new Map(missing ? [] : compile(join(folder, "b")).map((file) => [file.proto.name, file]));
  });

  it.skipIf(missing).each(CASES)("$title", ({ name, list, marks }) => {
    const file = files.get(`${name}.proto`);
    expect(marks).toHaveLength(3);
    for (const [index, { line, before }] of marks.entries()) {
      const place = file && elementOf(file, list, index);
      const found = place && positionOf(place, sources);
      expect(found?.line).toBe(line);
      // Where a statement begins, compilers tell, each in its own way.
      if (!/option $|, $/.test(before) || before.includes("= {")) {
        expect(found?.column).toBe(columns(before, tab) + 1);
      }
    }
  });
});

function columns(before: string, tab: number): number {
  return [...before].reduce((column, each) => column + (each === "\t" ? tab - (column % tab) : 1), 0);
}

import { posix, win32 } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generate } from "../../plugin.js";
import { fileNameProblem } from "../../read/file-names.js";

const ALL = "target=ts,artifacts=errors+servicer+client+channel+server+service_config+k8s+docs";
// Where nothing is to come out, what is asked for doesn't matter.
const LITTLE = "target=ts,artifacts=errors";

/** What the elements of the crafted file are called. */
interface Names {
  readonly file: string;
  readonly package: string;
  readonly service: string;
  readonly method: string;
  readonly message: string;
  readonly field: string;
  readonly oneof: string;
  readonly enum: string;
  readonly value: string;
}

const LAWFUL: Names = {
  file: "a/v1/a.proto",
  package: "a.v1",
  service: "Service",
  method: "Do",
  message: "Message",
  field: "field",
  oneof: "choice",
  enum: "Enum",
  value: "VALUE",
};

/** A request that no compiler would send, unless all names are lawful. */
function requestWith(names: Partial<Names>, { imported = false, parameter = LITTLE } = {}): CodeGeneratorRequest {
  const all = { ...LAWFUL, ...names };
  const type = `.${all.package === "" ? "" : `${all.package}.`}${all.message}`;
  const file = {
    name: all.file,
    package: all.package,
    syntax: "proto3",
    messageType: [
      {
        name: all.message,
        field: [
          {
            name: all.field,
            number: 1,
            type: FieldDescriptorProto_Type.STRING,
            label: FieldDescriptorProto_Label.OPTIONAL,
            oneofIndex: 0,
          },
        ],
        oneofDecl: [{ name: all.oneof }],
        enumType: [{ name: all.enum, value: [{ name: all.value, number: 0 }] }],
      },
    ],
    service: [{ name: all.service, method: [{ name: all.method, inputType: type, outputType: type }] }],
  };
  const importer = {
    name: "b/v1/b.proto",
    package: "b.v1",
    syntax: "proto3",
    dependency: [all.file],
    service: [{ name: "Other", method: [{ name: "Do", inputType: type, outputType: type }] }],
  };
  return create(CodeGeneratorRequestSchema, {
    parameter,
    fileToGenerate: [imported ? importer.name : all.file],
    protoFile: imported ? [file, importer] : [file],
  });
}

const HOSTILE_FILES = [
  "../a.proto",
  "a/../../a.proto",
  "a/..",
  "..",
  ".",
  "./a.proto",
  "a/./a.proto",
  "/etc/a.proto",
  "//host/share/a.proto",
  "C:/a.proto",
  "c:a.proto",
  "a/b:stream.proto",
  "..\\a.proto",
  "a\\..\\..\\a.proto",
  "\\\\host\\share\\a.proto",
  "a/\u0000.proto",
  "a/\n.proto",
  "a/\u2028.proto",
  "a/\u202e.proto",
  "a//a.proto",
  "a/",
  "a/.proto",
  "",
  "a./a.proto",
  "a/.. /a.proto",
  "a/... /a.proto",
  "a /a.proto",
  "con.proto",
  "a/NUL.proto",
  "aux/v1/a.proto",
  "a/com1.v1.proto",
  "a/LPT¹.proto",
  "prn .x/a.proto",
  "conout$/a.proto",
];

describe("FILE_NAME", () => {
  it.each(HOSTILE_FILES)("refuses %j, with a diagnostic and no file, generated or imported", async (file) => {
    for (const imported of [false, true]) {
      const { response } = await generate(requestWith({ file }, { imported }));
      expect(response.error).toMatch(/(?:^|\n)[^\n]*:1:1: error FILE_NAME: The name of this file /);
      expect(response.file).toEqual([]);
    }
  });

  it.each([
    "ledger/v1/ledger.proto",
    "a.proto",
    "a",
    "My Service (draft) $x.proto",
    "..a/a..b.proto",
    "console/v1/auxiliary.proto",
    "com10/nulls.proto",
    "größe/日本.proto",
  ])("takes %j", (file) => {
    expect(fileNameProblem(file)).toBeUndefined();
  });

  it("lets no output leave its folder on any system, whatever the file is called", async () => {
    const part = fc.constantFrom(
      "..",
      ".",
      "",
      "a",
      "/",
      "\\",
      "C:",
      "con",
      "nul.",
      " ",
      "\u0000",
      "\r",
      ".proto",
      "a.b",
    );
    let generated = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
        const { response } = await generate(requestWith({ file: parts.join("") }, { parameter: ALL }));
        expect(response.error === "").toBe(response.file.length > 0);
        generated += response.file.length > 0 ? 1 : 0;
        for (const { name } of response.file) {
          expect(posix.normalize(name)).toBe(name);
          expect(posix.join("/out", name).startsWith("/out/")).toBe(true);
          expect(win32.join("D:\\out", name).startsWith("D:\\out\\")).toBe(true);
          expect(win32.isAbsolute(name)).toBe(false);
          expect(name).not.toMatch(/[\p{Cc}\\:]|[. ](?:\/|$)|(?:^|\/)(?:con|nul)(?:\.|\/|$)/u);
        }
      }),
      { numRuns: 100 },
    );
    expect(generated).toBeGreaterThan(0);
  });
});

const HOSTILE_NAMES = [
  "",
  "../../x",
  "a/b",
  "a b",
  "a\u2028b",
  "a;b",
  "X {} evil()",
  'a"b',
  "*/evil()/*",
  "é",
  "a.b",
  "$a",
];

describe("PACKAGE_NAME", () => {
  it.each([...HOSTILE_NAMES.filter((name) => !["", "a.b"].includes(name)), ".a", "a.", "a..b", "a.1"])(
    "refuses %j, with a diagnostic and no file, generated or imported",
    async (name) => {
      for (const imported of [false, true]) {
        const { response } = await generate(requestWith({ package: name }, { imported }));
        expect(response.error).toMatch(/(?:^|\n)a\/v1\/a\.proto:1:1: error PACKAGE_NAME: /);
        expect(response.file).toEqual([]);
      }
    },
  );

  it("takes lawful names, and none", async () => {
    for (const name of ["a", "a.v1", "a_b.C1._d", ""]) {
      const { response } = await generate(requestWith({ package: name }, { parameter: ALL }));
      expect(response.error).toBe("");
    }
  });
});

describe("protobuf-es", () => {
  it.each(["service", "method", "message", "field", "oneof", "enum", "value"])(
    "takes identifiers alone for a %s, so that code and paths can be made of them",
    async (kind) => {
      for (const name of HOSTILE_NAMES) {
        for (const imported of [false, true]) {
          const { response } = await generate(requestWith({ [kind]: name }, { imported }));
          expect(response.error).toMatch(/^a\/v1\/a\.proto: invalid [a-z ]+ name "/);
          expect(response.file).toEqual([]);
        }
      }
    },
  );
});

it("a package that would get a folder no disk of Windows has is refused, if something is generated for it", async () => {
  for (const [name, service] of [
    ["aux.v1", true],
    ["acme.Con", true],
    ["aux.v1", false],
    ["auxiliary.v1", true],
  ] as const) {
    const file = create(FileDescriptorProtoSchema, {
      name: "x/y.proto",
      package: name,
      syntax: "proto3",
      service: service ? [{ name: "Service" }] : [],
    });
    const { response } = await generate(
      create(CodeGeneratorRequestSchema, { protoFile: [file], fileToGenerate: [file.name], parameter: "target=ts" }),
    );
    expect(response.error.includes("error PACKAGE_NAME: "), name).toBe(service && /\b(?:aux|con)\b/i.test(name));
  }
});

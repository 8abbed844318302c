import { create, toBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callProcedure, runPlugin } from "./buf-plugin.fixture.js";
import type { CheckContext, CheckPlugin } from "./check-plugin.js";
import { defineCheckPlugin } from "./check-plugin.js";
import { checkProcedures } from "./check-service.js";
import { CheckService } from "./gen/buf/plugin/check/v1/check_service_pb.js";
import { Code } from "./plugin-error.js";

const { check, listRules, listCategories } = CheckService.method;

function file(name: string, ...dependency: string[]): FileDescriptorProto {
  return create(FileDescriptorProtoSchema, {
    name,
    syntax: "proto3",
    dependency,
    messageType: [{ name: `In_${name[0]}` }],
  });
}

function plugin(over: Partial<CheckPlugin> = {}): CheckPlugin {
  return defineCheckPlugin({
    rules: [
      { id: "ACME_ONE", type: "lint", purpose: "Checks one.", categories: ["ACME"] },
      { id: "ACME_TWO", type: "lint", purpose: "Checks two.", isDefault: false },
      { id: "ACME_OLD", type: "breaking", purpose: "Checks three.", deprecated: true, replacedBy: ["ACME_ONE"] },
    ],
    categories: [{ id: "ACME", purpose: "Checks all." }],
    check: ({ files }) =>
      files.own.flatMap(({ messages }) =>
        ["ACME_ONE", "ACME_TWO", "ACME_OLD"].map((rule) => ({
          rule,
          message: `${rule}!`,
          at: messages[0] ?? { file: "" },
        })),
      ),
    ...over,
  });
}

describe("checkProcedures", () => {
  it("lists rules and categories as they are", async () => {
    const procedures = checkProcedures(plugin());
    expect((await callProcedure(procedures, listRules, {})).response?.rules).toMatchObject([
      { id: "ACME_ONE", purpose: "Checks one.", type: 1, default: true, categoryIds: ["ACME"], deprecated: false },
      { id: "ACME_TWO", type: 1, default: false, categoryIds: [] },
      { id: "ACME_OLD", type: 2, default: false, deprecated: true, replacementIds: ["ACME_ONE"] },
    ]);
    expect((await callProcedure(procedures, listCategories, {})).response?.categories).toMatchObject([
      { id: "ACME", purpose: "Checks all.", deprecated: false, replacementIds: [] },
    ]);
  });

  it("gives every rule once, whatever a page's size is", async () => {
    const rules = Array.from({ length: 7 }, (_, i) => ({ id: `ACME_${i}`, type: "lint" as const, purpose: "Checks." }));
    const procedures = checkProcedures(plugin({ rules, categories: [] }));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 9 }), async (pageSize) => {
        const ids: string[] = [];
        let pageToken = "";
        do {
          const { response } = await callProcedure(procedures, listRules, { pageSize, pageToken });
          ids.push(...(response?.rules.map(({ id }) => id) ?? []));
          pageToken = response?.nextPageToken ?? "";
        } while (pageToken !== "");
        expect(ids).toEqual(rules.map(({ id }) => id));
      }),
      { numRuns: 10 },
    );
  });

  it.each([
    [{ pageToken: "x" }, 'There is no page "x".'],
    [{ pageToken: "4" }, 'There is no page "4".'],
    [{ pageToken: "-1" }, 'There is no page "-1".'],
    [{ pageSize: 1001 }, "A page has 1000 at most."],
  ])("refuses pages that there aren't: %o", async (request, message) => {
    const { error } = await callProcedure(checkProcedures(plugin()), listRules, request);
    expect(error).toMatchObject({ code: Code.INVALID_ARGUMENT, message });
  });

  it("checks the files that aren't imports, in any order, and tells where by path", async () => {
    const fileDescriptors = [
      { fileDescriptorProto: file("b.proto", "a.proto") },
      { fileDescriptorProto: file("a.proto"), isImport: true },
    ];
    const { response } = await callProcedure(checkProcedures(plugin()), check, { fileDescriptors });
    expect(response?.annotations).toMatchObject([
      { ruleId: "ACME_ONE", message: "ACME_ONE!", fileLocation: { fileName: "b.proto", sourcePath: [4, 0] } },
    ]);
  });

  it("checks the rules that are asked for", async () => {
    const request = { fileDescriptors: [{ fileDescriptorProto: file("a.proto") }], ruleIds: ["ACME_OLD", "ACME_TWO"] };
    const { response } = await callProcedure(checkProcedures(plugin()), check, request);
    expect(response?.annotations.map(({ ruleId }) => ruleId)).toEqual(["ACME_TWO", "ACME_OLD"]);
  });

  it("hands a check the files as they were, the options, and the rules", async () => {
    let seen: CheckContext | undefined;
    const procedures = checkProcedures(
      plugin({
        check: (context) => {
          seen = context;
          return [{ rule: "ACME_ONE", message: "gone", was: { file: "old.proto", path: [4, 0] } }];
        },
      }),
    );
    const { response } = await callProcedure(procedures, check, {
      fileDescriptors: [{ fileDescriptorProto: file("a.proto") }],
      againstFileDescriptors: [{ fileDescriptorProto: file("old.proto") }],
      options: [
        { key: "suffix", value: { type: { case: "stringValue", value: "API" } } },
        { key: "most", value: { type: { case: "int64Value", value: 3n } } },
        {
          key: "names",
          value: { type: { case: "listValue", value: { values: [{ type: { case: "stringValue", value: "x" } }] } } },
        },
      ],
    });
    expect(seen?.against.own.map(({ proto }) => proto.name)).toEqual(["old.proto"]);
    expect([seen?.options.text("suffix"), seen?.options.number("most"), seen?.options.texts("names")]).toEqual([
      "API",
      3,
      ["x"],
    ]);
    expect([...(seen?.rules ?? [])]).toEqual(["ACME_ONE"]);
    expect(response?.annotations).toMatchObject([
      { againstFileLocation: { fileName: "old.proto", sourcePath: [4, 0] } },
    ]);
    expect(response?.annotations[0]?.fileLocation).toBeUndefined();
  });

  it.each([
    ["an unknown rule", { ruleIds: ["ACME_NONE"] }, Code.INVALID_ARGUMENT, "There is no rule ACME_NONE."],
    [
      "files that aren't complete",
      { fileDescriptors: [{ fileDescriptorProto: file("b.proto", "a.proto") }] },
      Code.INVALID_ARGUMENT,
      "b.proto imports a.proto, which isn't among the files.",
    ],
    [
      "an option without a value",
      { options: [{ key: "suffix" }] },
      Code.INVALID_ARGUMENT,
      "The option suffix has no value.",
    ],
  ])("refuses %s", async (_, request, code, message) => {
    expect((await callProcedure(checkProcedures(plugin()), check, request)).error).toMatchObject({ code, message });
  });

  it("tells an option of another type, and one that nobody knows", async () => {
    const procedures = (read: (context: CheckContext) => unknown) =>
      checkProcedures(
        plugin({
          check: (context) => {
            read(context);
            return [];
          },
        }),
      );
    const request = { options: [{ key: "most", value: { type: { case: "boolValue" as const, value: true } } }] };
    const number = await callProcedure(
      procedures(({ options }) => options.number("most")),
      check,
      request,
    );
    expect(number.error?.message).toBe("The option most in buf.yaml must be a number.");
    const unknown = await callProcedure(
      procedures(({ options }) => options.allow(["least"])),
      check,
      request,
    );
    expect(unknown.error?.message).toBe("Unknown option most in buf.yaml: there are least.");
  });

  it("doesn't let a check find what isn't its rule", async () => {
    const procedures = checkProcedures(plugin({ check: () => [{ rule: "ACME_NONE", message: "" }] }));
    expect((await callProcedure(procedures, check, {})).error?.code).toBe(Code.INTERNAL);
  });

  it("lives with any bytes on stdin", async () => {
    const procedures = checkProcedures(plugin());
    const some = toBinary(FileDescriptorProtoSchema, file("a.proto"));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array(),
          fc.nat(some.length).map((end) => some.slice(0, end)),
        ),
        async (bytes) => {
          const { code } = await runPlugin(procedures, ["/buf.plugin.check.v1.CheckService/Check"], bytes);
          expect([0, 1]).toContain(code);
        },
      ),
    );
  });
});

describe("defineCheckPlugin", () => {
  const rule = { id: "ACME_ONE", type: "lint", purpose: "Checks one." } as const;

  it.each([
    ["no rules", { rules: [] }, "it has no rules"],
    ["a lower-case id", { rules: [{ ...rule, id: "acme" }] }, 'the id "acme" isn\'t'],
    ["a short id", { rules: [{ ...rule, id: "AB" }] }, 'the id "AB" isn\'t'],
    ["an id with _ at its end", { rules: [{ ...rule, id: "ACME_" }] }, 'the id "ACME_" isn\'t'],
    ["a purpose without a period", { rules: [{ ...rule, purpose: "Checks" }] }, "the purpose of ACME_ONE isn't"],
    ["a purpose of two lines", { rules: [{ ...rule, purpose: "Checks\nall." }] }, "the purpose of ACME_ONE isn't"],
    ["a long purpose", { rules: [{ ...rule, purpose: `C${"o".repeat(256)}.` }] }, "the purpose of ACME_ONE isn't"],
    ["an id twice", { rules: [rule, rule] }, "the id ACME_ONE is there twice"],
    ["a category that isn't there", { rules: [{ ...rule, categories: ["ACME"] }] }, "the category ACME is named"],
    [
      "a category without rules",
      { categories: [{ id: "ACME", purpose: "Checks." }], rules: [rule] },
      "the category ACME has no",
    ],
    ["a replacement of a rule that stays", { rules: [{ ...rule, replacedBy: ["ACME_ONE"] }] }, "and isn't deprecated"],
    [
      "a replacement that isn't there",
      { rules: [{ ...rule, deprecated: true, replacedBy: ["ACME_X"] }] },
      "which isn't there",
    ],
    [
      "a deprecated default",
      { rules: [{ ...rule, deprecated: true, isDefault: true }] },
      "can't be checked by default",
    ],
  ])("refuses %s", (_, over, text) => {
    expect(() => defineCheckPlugin({ check: () => [], ...over })).toThrow(text);
  });
});

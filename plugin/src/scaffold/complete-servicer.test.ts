import { describe, expect, it } from "vitest";
import { InsertionError } from "./complete-servicer.js";
import { completeText, generatedName, LEDGER, ledgerMethod } from "./ledger.fixture.js";
import { loadTemplates } from "./scaffold-templates.js";
import type { ServicerOutline } from "./servicer-outline.js";
import { parseTypeScript } from "./typescript-source.js";

const templates = await loadTemplates();

/** A service with as little as shows what is inserted. */
function service(...methods: ServicerOutline["methods"]): ServicerOutline {
  return { ...LEDGER, methods };
}

const GET = { ...ledgerMethod("Get", "unary"), input: generatedName("ledger/v1/ledger_pb", "Get") };
const ECHO = ledgerMethod("Echo", "unary");

function complete(text: string, outline: ServicerOutline): string | undefined {
  return completeText(text, { templates, outline }).inserted?.text;
}

describe("imports", () => {
  it("go into the braces of an import of the same module, on one line", () => {
    const text = `import type { MessageInitShape } from "@bufbuild/protobuf";
import { type CallContext, startServer } from "@accord-grpc/runtime";
import type { GetResponseSchema } from "#gen/ledger/v1/ledger_pb.js";
import { type LedgerServiceServicer } from "#gen/ledger/v1/ledger_servicer.js";

export class A implements LedgerServiceServicer {}
`;
    expect(complete(text, service(GET))).toBe(
      `import type { MessageInitShape } from "@bufbuild/protobuf";
import { type CallContext, startServer, unimplemented } from "@accord-grpc/runtime";
import type { GetResponseSchema, Get } from "#gen/ledger/v1/ledger_pb.js";
import { type LedgerServiceServicer } from "#gen/ledger/v1/ledger_servicer.js";

export class A implements LedgerServiceServicer {
  async get(request: Get, context: CallContext): Promise<MessageInitShape<typeof GetResponseSchema>> {
    throw unimplemented(context);
  }
}
`.replace(
        /async get\(.*/,
        `async get(
    request: Get,
    context: CallContext,
  ): Promise<MessageInitShape<typeof GetResponseSchema>> {`,
      ),
    );
  });

  it("go into braces over several lines, with the commas that are usual there", () => {
    const text = `import { MessageInitShape } from "@bufbuild/protobuf";
import {
    startServer, // the server's
    type CallContext // the call's
} from "@accord-grpc/runtime";
import {
    GetResponseSchema, // the answer
    } from "../gen/ledger/v1/ledger_pb.js";
import type { LedgerServiceServicer } from "../gen/ledger/v1/ledger_servicer.js";
class A implements LedgerServiceServicer { get = 1; }
`;
    const result = complete(text, service(GET, { ...ECHO, outputSchema: GET.outputSchema }));
    expect(result).toContain(`    startServer, // the server's
    type CallContext, // the call's
    unimplemented
} from`);
    expect(result).toContain(`    GetResponseSchema, // the answer
    type EchoRequest,
    } from`);
    const withoutComma = complete(text.replace("GetResponseSchema, //", "GetResponseSchema //"), service(GET, ECHO));
    expect(withoutComma).toContain(`    GetResponseSchema, // the answer
    type EchoRequest,
    type EchoResponseSchema
    } from`);
  });

  it("become declarations behind the last import, spelt like the file's own", () => {
    const text = `import { LedgerServiceServicer } from '@/gen/ledger/v1/ledger_servicer' // the contract
import 'reflect-metadata'

export default class implements LedgerServiceServicer {
}
`;
    expect(
      complete(text, service(GET)),
    ).toBe(`import { LedgerServiceServicer } from '@/gen/ledger/v1/ledger_servicer' // the contract
import 'reflect-metadata'
import { type CallContext, unimplemented } from '@accord-grpc/runtime'
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { Get, GetResponseSchema } from '@/gen/ledger/v1/ledger_pb'

export default class implements LedgerServiceServicer {
  async get(
    request: Get,
    context: CallContext,
  ): Promise<MessageInitShape<typeof GetResponseSchema>> {
    throw unimplemented(context)
  }
}
`);
  });

  it("aren't made for what is there under another name, in a namespace, or from the servicer's barrel", () => {
    const text = `import type { MessageInitShape as Init } from "@bufbuild/protobuf";
import type * as pb from "../gen/ledger/v1/ledger_pb.js";
import { type CallContext as Context, unimplemented as todo } from "@accord-grpc/runtime";
import type { LedgerServiceServicer } from "../gen/index.js";
class A implements LedgerServiceServicer {}`;
    expect(complete(text, service(GET))).toBe(
      text.replace(
        "{}",
        `{
  async get(
    request: pb.Get,
    context: Context,
  ): Promise<Init<typeof pb.GetResponseSchema>> {
    throw todo(context);
  }
}`,
      ),
    );
    const namespace = text.replace(/import \{ type CallContext.* from/, "import * as runtime from");
    expect(complete(namespace, service(GET))).toBe(
      complete(text, service(GET))
        ?.replace(/import \{ type CallContext.* from/, "import * as runtime from")
        .replace("context: Context", "context: runtime.CallContext")
        .replace("todo(", "runtime.unimplemented("),
    );
    const barrel = text
      .replace(/import type \* as pb.*\n/, "")
      .replace("LedgerServiceServicer }", "LedgerServiceServicer, Get }");
    const result = complete(barrel, service(GET));
    expect(result).toContain("request: Get,");
    expect(result).toContain('import type { GetResponseSchema } from "../gen/ledger/v1/ledger_pb.js";');
  });

  it("take another name where their own is taken, by a declaration or as a global", () => {
    const outline = service({ ...GET, input: generatedName("ledger/v1/ledger_pb", "Request") });
    const taken = `import type { LedgerServiceServicer } from "../gen/ledger/v1/ledger_servicer.js";
const fetched: Request = new Request("/");
type GetResponseSchema = string;
class LedgerV1Request implements LedgerServiceServicer {}`;
    const result = complete(taken, outline);
    expect(result).toContain("request: LedgerV1Request2,");
    expect(result).toContain(`GetResponseSchema as LedgerV1GetResponseSchema,`);
    expect(result).toContain("Request as LedgerV1Request2");
    // A member or a property of the name takes nothing.
    const free = taken.replaceAll(/const fetched.*|type Get.*/g, "x.Request = { Request: 1 };");
    expect(complete(free, outline)).toContain("request: Request,");
  });

  it("are made next to a type-only import, which can't take values", () => {
    const before = `import type { CallContext as Context } from "@accord-grpc/runtime"; // the call
import fs from "node:fs";
`;
    const after = `import type { LedgerServiceServicer } from "../gen/ledger/v1/ledger_servicer.js";
class A implements LedgerServiceServicer {}
`;
    expect(
      complete(before + after, service(GET)),
    ).toContain(`import type { CallContext as Context } from "@accord-grpc/runtime"; // the call
import { unimplemented } from "@accord-grpc/runtime";
import fs from "node:fs";
`);
    const other = before.replace("CallContext as Context", "Logger");
    expect(
      complete(other + after, service(GET)),
    ).toContain(`import type { Logger, CallContext } from "@accord-grpc/runtime"; // the call
import { unimplemented } from "@accord-grpc/runtime";
`);
    const namespace = before.replace("{ CallContext as Context }", "* as runtime");
    expect(
      complete(namespace + after, service(GET)),
    ).toContain(`import type * as runtime from "@accord-grpc/runtime"; // the call
import { unimplemented } from "@accord-grpc/runtime";
`);
    const erased = before.replace("CallContext as Context", "unimplemented");
    expect(
      complete(erased + after, service(GET)),
    ).toContain(`import type { unimplemented, CallContext } from "@accord-grpc/runtime"; // the call
import { unimplemented as unimplemented2 } from "@accord-grpc/runtime";
`);
  });

  it("keep types and values apart, where the file does", () => {
    const text = `import { startServer } from "@accord-grpc/runtime";
import type { Logger } from "@accord-grpc/runtime";
import type { LedgerServiceServicer } from "../gen/ledger/v1/ledger_servicer.js";
class A implements LedgerServiceServicer {}
`;
    const types = 'import type { Logger, CallContext } from "@accord-grpc/runtime";';
    const values = 'import { startServer, unimplemented } from "@accord-grpc/runtime";';
    expect(complete(text, service(GET))).toContain(`${values}\n${types}\n`);
    const [first = "", second = "", ...rest] = text.split("\n");
    expect(complete([second, first, ...rest].join("\n"), service(GET))).toContain(`${types}\n${values}\n`);
  });

  it("take another name where the file has an unimplemented of its own", () => {
    const text = `import type { LedgerServiceServicer } from "../gen/ledger/v1/ledger_servicer.js";
const unimplemented = new Error("to do");
class A implements LedgerServiceServicer {}
`;
    const result = complete(text, service(GET));
    expect(result).toContain("  unimplemented as unimplemented2,\n} from");
    expect(result).toContain("    throw unimplemented2(context);\n");
    // A member takes nothing.
    const member = complete(text.replace(/const.*/, "x.unimplemented = 1;"), service(GET));
    expect(member).toContain("    throw unimplemented(context);\n");
  });

  it("aren't taken from a name that the method's parameters hide", () => {
    const text = `import * as context from "@accord-grpc/runtime";
import type * as request from "../gen/ledger/v1/ledger_pb.js";
import type { LedgerServiceServicer } from "../gen/ledger/v1/ledger_servicer.js";
class A implements LedgerServiceServicer {}
`;
    const result = complete(text, service(GET));
    expect(result).toContain(`import * as context from "@accord-grpc/runtime";
import { type CallContext, unimplemented } from "@accord-grpc/runtime";
import type * as request from "../gen/ledger/v1/ledger_pb.js";
import type { Get, GetResponseSchema } from "../gen/ledger/v1/ledger_pb.js";
`);
    expect(result).toContain("    throw unimplemented(context);\n");
    const named = text.replace("* as context", "{ unimplemented as context }");
    expect(complete(named, service(GET))).toContain(
      'import { unimplemented as context, type CallContext, unimplemented } from "@accord-grpc/runtime";',
    );
    // What the file itself calls `context` is hidden in the method, and does no harm.
    const own = text.replace(/import \* as context.*/, "const context = 1;");
    expect(complete(own, service(GET))).toContain("    throw unimplemented(context);\n");
  });

  it("leave out what the template doesn't use", () => {
    const text = `import type { LedgerServiceServicer } from "../gen/ledger/v1/ledger_servicer.js";
class A implements LedgerServiceServicer {}
`;
    const bare = { ...templates, method: ({ name }: { name: string }) => `${name}() {}\n` };
    expect(completeText(text, { templates: bare, outline: service(GET) }).inserted?.text).toBe(
      text.replace("{}", "{\n  get() {}\n}"),
    );
  });

  const tops: readonly [name: string, before: string, after: string][] = [
    ["at the top", "", "// the class\n"],
    ["behind a hashbang", "#!/usr/bin/env node\n", ""],
    ["behind directives", '"use strict";\n', ""],
    ["behind a license", "/* Copyright by somebody */\n", "/** The class. */\n"],
    ["behind a comment with an empty line below it", "// about the file\n\n", "// about the class\n"],
    ["behind instructions for the file", "// @ts-nocheck\n", "// biome-ignore lint: because\n"],
  ];
  it.each(tops)("without any import, go %s", (_, before, after) => {
    const text = `${before}${after}class LedgerServiceServicer2 implements LedgerServiceServicer {}`;
    const result = complete(text, service(GET)) ?? "";
    expect(result.startsWith(`${before}import { type CallContext, unimplemented } from`)).toBe(true);
    expect(parseTypeScript("a.ts", result).problem).toBeUndefined();
  });
});

describe("methods", () => {
  const imports = `import { type CallContext as C, unimplemented } from "@accord-grpc/runtime";
import type { MessageInitShape as M } from "@bufbuild/protobuf";
import type * as p from "../gen/ledger/v1/ledger_pb.js";
import type { LedgerServiceServicer } from "../gen/ledger/v1/ledger_servicer.js";
`;
  const GET_TEXT = `async get(request: p.Get, context: C): Promise<M<typeof p.GetResponseSchema>> {
    throw unimplemented(context);
  }`;

  function body(before: string, outline = service(ECHO, GET), wide = true): string {
    // A long line shows how wide the file may be.
    const tail = wide ? `\nconst wide = "${"x".repeat(100)}";\n` : "\n";
    const start = `${imports}class A implements LedgerServiceServicer {`;
    const result = complete(`${start}${before}}${tail}`, outline) ?? "";
    return result.slice(start.length, result.length - tail.length - 1);
  }

  it("go behind the one that comes before them in the proto, comments and all", () => {
    expect(body("\n  /** E. */\n  echo() {} // fine\n  private helper() {}\n")).toBe(
      `\n  /** E. */\n  echo() {} // fine\n\n  ${GET_TEXT}\n\n  private helper() {}\n`,
    );
    expect(body("\n  echo(a: 1): 1;\n  echo(a: any) {}\n\n  z() {}\n")).toBe(
      `\n  echo(a: 1): 1;\n  echo(a: any) {}\n\n  ${GET_TEXT}\n\n  z() {}\n`,
    );
  });

  it("go to the end of the class, if none does", () => {
    expect(body("\n  helper() {}\n", service(GET))).toBe(`\n  helper() {}\n\n  ${GET_TEXT}\n`);
    expect(body("\n  helper() {}\n\n", service(GET))).toBe(`\n  helper() {}\n\n  ${GET_TEXT}\n`);
    expect(body("\n  // TODO\n", service(GET))).toBe(`\n  // TODO\n\n  ${GET_TEXT}\n`);
    expect(body("\n", service(GET))).toBe(`\n  ${GET_TEXT}\n`);
    expect(body("", service(GET))).toBe(`\n  ${GET_TEXT}\n`);
    expect(body(" helper() {} ", service(GET))).toBe(` helper() {} \n\n  ${GET_TEXT}\n`);
  });

  it("keep what else stands on a line apart", () => {
    expect(body(" echo() {} z() {} ")).toBe(` echo() {}\n\n  ${GET_TEXT}\n\n   z() {} `);
    expect(body(" echo() {} ")).toBe(` echo() {}\n\n  ${GET_TEXT}\n `);
  });

  it("are indented as the class is", () => {
    expect(body("\n\t\thelper() {}\n", service(GET))).toBe(
      `\n\t\thelper() {}\n\n\t\t${GET_TEXT.replace("    throw", "\t\t\t\tthrow").replace("  }", "\t\t}")}\n`,
    );
  });

  it("break their parameters over lines where the file's lines are short", () => {
    const outline = service({ ...GET, outputSchema: generatedName("ledger/v1/ledger_pb", "QuiteALongResponseSchema") });
    expect(body("\n", outline, false)).toContain(
      "async get(\n    request: p.Get,\n    context: C,\n  ): Promise<M<typeof p.QuiteALongResponseSchema>> {",
    );
  });

  it("come in all four kinds", () => {
    const result = body("\n", LEDGER);
    expect(result).toContain("async transfer(request: p.TransferRequest, context: C): Promise<M<");
    expect(result).toContain("async *listEntries(request: p.ListEntriesRequest, context: C): AsyncIterable<M<");
    expect(result).toContain("async importEntries(\n    requests: AsyncIterable<p.ImportEntriesRequest>,\n");
    expect(result).toContain("async *watch(requests: AsyncIterable<p.WatchRequest>, context: C): AsyncIterable<M<");
  });

  it("aren't inserted where a base class that can't be seen may have them", () => {
    const result = completeText(`${imports}class A extends Base implements LedgerServiceServicer {}`, { templates });
    expect(result).toMatchObject({ unseen: "Base", inserted: undefined });
    expect(result.missing).toHaveLength(4);
  });

  it("aren't inserted where the result wouldn't parse", () => {
    const text = `${imports}class A implements LedgerServiceServicer {\n  get\n}`;
    expect(() => completeText(text, { templates, outline: service(ECHO) })).toThrow(InsertionError);
    const broken = { ...templates, method: () => "oops(" };
    expect(() => completeText(text, { templates: broken, outline: service(ECHO) })).toThrow(
      "What the templates give can't be inserted into A",
    );
    const useless = { ...templates, method: () => "other() {}" };
    expect(() => completeText(text.replace("get", "x() {}"), { templates: useless, outline: service(ECHO) })).toThrow(
      InsertionError,
    );
  });
});

describe("stale methods", () => {
  const imports = `import type { CallContext as Ctx } from "@accord-grpc/runtime";
import type { LedgerServiceServicer as S } from "../gen/ledger/v1/ledger_servicer.js";
import type { AuditServiceServicer } from "../gen/audit/v1/audit_servicer.js";
`;
  const all = "transfer: any; listEntries: any; importEntries: any; watch: any;";

  it("are those that take messages and are asynchronous, whether they take a CallContext or not", () => {
    const pb = `${imports}import { type OldRequest as Old, create } from "./old_pb.js";\nimport type * as more from "./more_pb";\n`;
    const text = `${pb}class A implements S { ${all}
  async old(request: Old) {}
  async *stream(requests: AsyncIterable<more.Thing>) {}
  promise(request: Old): Promise<void> { return x(); }
  arrow = async (request: Old) => 1;
  helper(request: Old): string { return ""; }
  async other(id: string) {}
}`;
    expect(completeText(text, { templates }).stale.map((method) => method.split(" ")[0])).toEqual([
      "old",
      "stream",
      "promise",
      "arrow",
    ]);
  });

  it("are those that take a CallContext, or are typed by the interface", () => {
    const text = `${imports}class A implements S { ${all}
  async old(request: OldRequest, context: Ctx) {}
  arrow = (request: unknown, context: Ctx) => 1;
  typed: S["typed"] = 1;
  args(...[request]: Parameters<S["args"]>) {}
  old2(a: 1): 1;
  old2(a: any, context?: Ctx) {}
}`;
    expect(completeText(text, { templates }).stale).toEqual([
      "old 5:9",
      "arrow 6:3",
      "typed 7:3",
      "args 8:3",
      "old2 10:3",
    ]);
  });

  it("aren't the class's own", () => {
    const text = `${imports}class A implements S { ${all}
  helper(request: unknown) {}
  private load(context: Ctx) {}
  protected load2 = (context: Ctx) => 1;
  static load3(request: 1, context: Ctx) {}
  #load4(context: Ctx) {}
  field: Ctx;
}`;
    expect(completeText(text, { templates }).stale).toEqual([]);
  });

  it("aren't another service's that the class implements too", () => {
    const audit: ServicerOutline = {
      ...LEDGER,
      service: "audit.v1.AuditService",
      servicer: generatedName("audit/v1/audit_servicer", "AuditServiceServicer"),
      methods: [ledgerMethod("Verify", "unary")],
    };
    const text = `${imports}class A implements S, AuditServiceServicer { ${all} verify(r: 1, c: Ctx) {} old(r: 1, c: Ctx) {} }`;
    expect(completeText(text, { templates, outlines: [LEDGER, audit] }).stale).toHaveLength(1);
    expect(completeText(text, { templates }).stale).toHaveLength(2);
    const renamed = text.replace("AuditServiceServicer }", "AuditServiceServicer as Audited }");
    const alias = renamed.replace("S, AuditServiceServicer", "S, Audited");
    expect(completeText(alias, { templates, outlines: [LEDGER, audit] }).stale).toHaveLength(1);
  });

  it("are those that only another version of the service has", () => {
    const next: ServicerOutline = {
      ...LEDGER,
      service: "ledger.v2.LedgerService",
      servicer: generatedName("ledger/v2/ledger_servicer", "LedgerServiceServicer"),
      methods: [ledgerMethod("Verify", "unary")],
    };
    const text = `${imports.replace("LedgerServiceServicer as S", "LedgerServiceServicer")}class A implements LedgerServiceServicer { ${all} verify(r: 1, c: Ctx) {} }`;
    expect(completeText(text, { templates, outlines: [LEDGER, next] }).stale).toHaveLength(1);
  });
});

import { create, fromBinary, fromJsonString, toBinary } from "@bufbuild/protobuf";
import { anyPack, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { callProcedure, runPlugin } from "./buf-plugin.fixture.js";
import { CheckService, ListRulesRequestSchema } from "./gen/buf/plugin/check/v1/check_service_pb.js";
import { RequestSchema, ResponseSchema, SpecSchema } from "./gen/pluginrpc/v1/pluginrpc_pb.js";
import { Code, PluginError } from "./plugin-error.js";
import { procedure } from "./procedure.js";

const LIST_RULES = "/buf.plugin.check.v1.CheckService/ListRules";
const listRules = procedure(CheckService.method.listRules, ({ pageToken }) => {
  if (pageToken === "told") {
    throw new PluginError(Code.NOT_FOUND, "There is no such page.");
  }
  if (pageToken === "defect") {
    throw new RangeError("out of range");
  }
  return { nextPageToken: `after ${pageToken || "nothing"}` };
});
const PLUGIN = [listRules];

function request(pageToken: string): Uint8Array {
  const value = anyPack(ListRulesRequestSchema, create(ListRulesRequestSchema, { pageToken }));
  return toBinary(RequestSchema, create(RequestSchema, { value }));
}

describe("servePlugin", () => {
  it("prints the protocol's version", async () => {
    expect(await runPlugin(PLUGIN, ["--protocol"])).toMatchObject({ code: 0, stdout: Buffer.from("1\n") });
  });

  it.each([[[]], [["--format", "binary"]], [["--format=binary"]]])("prints its spec: %s", async (format) => {
    const { code, stdout } = await runPlugin(PLUGIN, ["--spec", ...format]);
    expect(code).toBe(0);
    expect(fromBinary(SpecSchema, stdout).procedures).toMatchObject([{ path: LIST_RULES, args: [] }]);
  });

  it("prints its spec as JSON, whichever argument comes first", async () => {
    for (const args of [
      ["--spec", "--format", "json"],
      ["--format=json", "--spec"],
    ]) {
      const { stdout } = await runPlugin(PLUGIN, args);
      expect(JSON.parse(stdout.toString())).toEqual({ procedures: [{ path: LIST_RULES }] });
    }
  });

  it("runs a procedure", async () => {
    const { response, error } = await callProcedure(PLUGIN, CheckService.method.listRules, { pageToken: "one" });
    expect([response?.nextPageToken, error]).toEqual(["after one", undefined]);
  });

  it("takes nothing on stdin for a request without a value, and that for an empty message", async () => {
    for (const bytes of [new Uint8Array(), toBinary(RequestSchema, create(RequestSchema))]) {
      const { stdout } = await runPlugin(PLUGIN, [LIST_RULES], bytes);
      expect(Buffer.from(fromBinary(ResponseSchema, stdout).value?.value ?? []).toString()).toContain("after nothing");
    }
  });

  it("runs a procedure in JSON", async () => {
    const value = { "@type": "type.googleapis.com/buf.plugin.check.v1.ListRulesRequest", pageToken: "two" };
    const { stdout } = await runPlugin(
      PLUGIN,
      [LIST_RULES, "--format", "json"],
      Buffer.from(JSON.stringify({ value })),
    );
    expect(JSON.parse(stdout.toString())).toEqual({
      value: { "@type": "type.googleapis.com/buf.plugin.check.v1.ListRulesResponse", nextPageToken: "after two" },
    });
  });

  it("tells what a procedure wants to be told, with its code", async () => {
    const { code, stdout, stderr } = await runPlugin(PLUGIN, [LIST_RULES], request("told"));
    expect([code, stderr]).toEqual([0, ""]);
    expect(fromBinary(ResponseSchema, stdout)).toMatchObject({
      error: { code: Code.NOT_FOUND, message: "There is no such page." },
    });
  });

  it("tells a defect as INTERNAL, with its stack on stderr", async () => {
    const { code, stdout, stderr } = await runPlugin(PLUGIN, [LIST_RULES], request("defect"));
    expect(code).toBe(0);
    expect(fromBinary(ResponseSchema, stdout)).toMatchObject({
      error: { code: Code.INTERNAL, message: "out of range" },
    });
    expect(stderr).toContain("RangeError: out of range\n    at ");
  });

  it("refuses a value of another type, and one that is cut", async () => {
    const other = anyPack(StringValueSchema, create(StringValueSchema, { value: "x" }));
    const cut = { ...anyPack(ListRulesRequestSchema, create(ListRulesRequestSchema, { pageToken: "x" })) };
    cut.value = cut.value.slice(0, -1);
    for (const value of [other, cut]) {
      const { stdout } = await runPlugin(
        PLUGIN,
        [LIST_RULES],
        toBinary(RequestSchema, create(RequestSchema, { value })),
      );
      expect(fromBinary(ResponseSchema, stdout).error?.code).toBe(Code.INVALID_ARGUMENT);
    }
  });

  it.each([
    [[], "It takes --protocol, --spec, or one of /buf.plugin.check.v1.CheckService/ListRules"],
    [["--protocol", "--spec"], "It takes --protocol"],
    [["/acme.Nothing/Here"], 'There is no "/acme.Nothing/Here" here. There are: /buf.plugin'],
    [["--spec", "--format"], "--format is binary or json, and not empty."],
    [["--spec", "--format", "xml"], '--format is binary or json, and not "xml".'],
  ])("says what arguments it takes: %s", async (args, text) => {
    const { code, stdout, stderr } = await runPlugin(PLUGIN, args);
    expect([code, stdout.length]).toEqual([1, 0]);
    expect(stderr).toContain(text);
  });

  it("says that stdin has no request", async () => {
    for (const args of [[LIST_RULES], [LIST_RULES, "--format=json"]]) {
      const { code, stderr } = await runPlugin(PLUGIN, args, Buffer.from("syntax = 'proto3';"));
      expect(code).toBe(1);
      expect(stderr).toContain("isn't a pluginrpc.v1.Request");
    }
  });

  it("writes JSON that reads back", async () => {
    const { stdout } = await runPlugin(PLUGIN, ["--spec", "--format=json"]);
    expect(fromJsonString(SpecSchema, stdout.toString()).procedures).toHaveLength(1);
  });
});

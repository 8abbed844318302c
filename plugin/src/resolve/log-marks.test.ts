import { FieldContractSchema, field as fieldOption, Mask } from "@accord-grpc/runtime/accord/v1/options_pb";
import { create, createFileRegistry, setExtension } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldOptionsSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { readRawContract } from "../read/read-contract.js";
import { LogMarks } from "./log-marks.js";
import { pathText } from "./log-path.js";

/** A field: `name`, `name:Message`, `*name:Message` for a list, `name!` marked, `name~` masked, `name?:Message` redacted. */
type FieldSketch = string;

/** The marked paths of the first of some messages, and what is masked within it. */
function marksOf(messages: Readonly<Record<string, readonly FieldSketch[]>>): {
  paths: string[];
  tooMany: boolean;
  masked: string[];
} {
  const messageType = Object.entries(messages).map(([name, fields]) => ({ name, field: fields.map(sketched) }));
  const file = create(FileDescriptorProtoSchema, { name: "a.proto", syntax: "proto3", messageType });
  const files = [...createFileRegistry(create(FileDescriptorSetSchema, { file: [file] })).files];
  const [request] = files[0]?.messages ?? [];
  if (request === undefined) {
    throw new Error("there is no message");
  }
  const marks = new LogMarks(readRawContract(files, new Set()).files);
  const { paths, tooMany } = marks.of(request);
  const masked = [...marks.maskedWithin([request])].map(({ parent, name }) => `${parent.name}.${name}`);
  return { paths: paths.map(({ fields }) => pathText(fields)), tooMany, masked: masked.sort() };
}

function sketched(sketch: FieldSketch, index: number) {
  const [, list, name, flag, message] = /^(\*?)(\w+)([!?~]?)(?::(\w+))?$/.exec(sketch) ?? [];
  const options = create(FieldOptionsSchema, flag === "?" ? { debugRedact: true } : {});
  if (flag === "!" || flag === "~") {
    const mask = flag === "~" ? Mask.HASH : Mask.UNSPECIFIED;
    setExtension(options, fieldOption, create(FieldContractSchema, { log: { mask } }));
  }
  return {
    name: name ?? "",
    number: index + 1,
    label: list === "*" ? FieldDescriptorProto_Label.REPEATED : FieldDescriptorProto_Label.OPTIONAL,
    type: message === undefined ? FieldDescriptorProto_Type.STRING : FieldDescriptorProto_Type.MESSAGE,
    ...(message === undefined ? {} : { typeName: `.${message}` }),
    options,
  };
}

describe("LogMarks", () => {
  it("finds marks in the request and in what singular fields lead to", () => {
    const messages = { Request: ["id!", "plain", "a:A", "*list:A"], A: ["x!", "b:B"], B: ["y!"], Other: ["z!"] };
    expect(marksOf(messages)).toEqual({ paths: ["id", "a.x", "a.b.y"], tooMany: false, masked: [] });
  });

  it("finds nothing where nothing is marked", () => {
    expect(marksOf({ Request: ["id", "a:A"], A: ["x"] })).toEqual({ paths: [], tooMany: false, masked: [] });
  });

  it("goes through each message once on a path", () => {
    const messages = { Request: ["id!", "self:Request", "a:A"], A: ["back:Request", "x!", "again:A"] };
    expect(marksOf(messages)).toEqual({ paths: ["id", "a.x"], tooMany: false, masked: [] });
  });

  it("doesn't go through what is redacted", () => {
    expect(marksOf({ Request: ["card?:Card", "other:Card"], Card: ["brand!"] }).paths).toEqual(["other.brand"]);
  });

  it("finds what is masked wherever it can be", () => {
    const messages = {
      Request: ["id!", "own~", "a:A", "*list:B", "hidden?:C", "self:Request"],
      A: ["x~", "back:Request"],
      B: ["y~", "plain!"],
      C: ["z~"],
      Other: ["elsewhere~"],
    };
    expect(marksOf(messages).masked).toEqual(["A.x", "B.y", "C.z", "Request.own"]);
  });

  it("gives up on messages that lead to a field in too many ways", () => {
    const depth = 30;
    const messages = Object.fromEntries(
      Array.from({ length: depth }, (_, i) => [`M${i}`, i === depth - 1 ? ["x!"] : [`a:M${i + 1}`, `b:M${i + 1}`]]),
    );
    expect(marksOf(messages).tooMany).toBe(true);
  });

  it("gives up on circles in which it finds little", () => {
    // Every message leads to every other, and one to the mark: ways without number, few of which end there.
    const names = Array.from({ length: 12 }, (_, i) => `M${i}`);
    const messages = Object.fromEntries(names.map((name) => [name, names.map((other, i) => `f${i}:${other}`)]));
    expect(marksOf({ ...messages, M11: [...(messages.M11 ?? []), "x!"] }).tooMany).toBe(true);
  });
});

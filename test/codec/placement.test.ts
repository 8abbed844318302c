import { create, type DescFile, type DescMessage } from "@bufbuild/protobuf";
import { FieldDescriptorProto_Type, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { printCodecs } from "../../plugin/src/emit/codec/print-codecs.js";
import { compileProtos, OWN_PROTOS } from "./compiled-protos.js";
import { LinkedCodecs } from "./generated-codecs.js";
import { proveCodec } from "./prove.js";

const protoFile = compileProtos(OWN_PROTOS);
const ALL = protoFile.map(({ name }) => name);
const ENVELOPE = "codec/other/envelope.proto";

function messageIn(files: readonly DescFile[], typeName: string): DescMessage {
  const message = files.flatMap((file) => file.messages).find((candidate) => candidate.typeName === typeName);
  if (message === undefined) {
    throw new Error(`There is no ${typeName}`);
  }
  return message;
}

function printEnvelope(fileToGenerate: readonly string[]) {
  return printCodecs({
    protoFile,
    fileToGenerate,
    roots(files) {
      const message = messageIn(files, "codec.other.Envelope");
      return [{ message, from: message.file }];
    },
  });
}

test("what isn't in the same folder has its codecs in the folder that needs them", () => {
  const printed = printEnvelope(ALL);
  expect([...printed.sources.keys()].sort()).toEqual(["codec/other/codecs.ts", "codec/other/envelope_codec.ts"]);
  // Only what is reached: nothing of the oneofs, names and numbers in the same file.
  expect(printed.sources.get("codec/other/codecs.ts")?.match(/^\/\/ codec\..*$/gm)).toEqual([
    "// codec.test.proto2.Groups",
    "// codec.test.proto2.Groups.One",
    "// codec.test.proto2.Groups.One.Inner",
    "// codec.test.proto2.Groups.Many",
    "// codec.test.proto3.Tree",
    "// codec.test.proto3.Empty",
    "// codec.test.proto3.Money",
    "// codec.test.proto3.MoneyCodec",
  ]);
});

const COINS = create(FileDescriptorProtoSchema, {
  name: "shop/coins.proto",
  package: "shop",
  syntax: "proto3",
  messageType: [{ name: "Coin" }],
});
const PURSE = create(FileDescriptorProtoSchema, {
  name: "shop/purse.proto",
  package: "shop",
  syntax: "proto3",
  dependency: [COINS.name],
  messageType: [
    {
      name: "Purse",
      field: [{ name: "coin", number: 1, type: FieldDescriptorProto_Type.MESSAGE, typeName: ".shop.Coin" }],
    },
  ],
});

test.each([
  { fileToGenerate: [COINS.name, PURSE.name], paths: ["shop/coins_codec", "shop/purse_codec"] },
  { fileToGenerate: [PURSE.name], paths: ["shop/codecs", "shop/purse_codec"] },
])("what is in the same folder has its codecs beside it, if it is generated: $fileToGenerate", (example) => {
  const { sources } = printCodecs({
    protoFile: [COINS, PURSE],
    fileToGenerate: example.fileToGenerate,
    roots(files) {
      const message = messageIn(files, "shop.Purse");
      return [{ message, from: message.file }];
    },
  });
  expect([...sources.keys()].sort()).toEqual(example.paths.map((path) => `${path}.ts`));
  const from = example.paths[0]?.replace("shop/", "./");
  expect(sources.get("shop/purse_codec.ts")).toContain(`import { readCoin, writeCoin } from "${from}.js";`);
});

test.each([
  ["all files", ALL],
  ["one folder", [ENVELOPE]],
])("codecs of a run over %s do what protobuf-es does", (_, fileToGenerate) => {
  const linked = new LinkedCodecs(printEnvelope(fileToGenerate));
  const codec = linked.find(messageIn(linked.files, "codec.other.Envelope"));
  for (let seed = 1; seed <= 20; seed++) {
    proveCodec(codec, seed, 4);
  }
});

test("the order of messages and files makes no difference", () => {
  const roots = (files: readonly DescFile[]) =>
    files.flatMap((from) =>
      from.proto.package.startsWith("codec.") ? from.messages.map((message) => ({ message, from })) : [],
    );
  const forwards = printCodecs({ protoFile, fileToGenerate: ALL, roots });
  const backwards = printCodecs({
    protoFile,
    fileToGenerate: ALL.toReversed(),
    roots: (files) => roots(files).toReversed(),
  });
  expect([...backwards.sources].sort()).toEqual([...forwards.sources].sort());
});

test("only what a method takes or returns has a codec of its own", () => {
  const source = printEnvelope(ALL).sources.get("codec/other/envelope_codec.ts");
  expect(source?.match(/export const \w+/g)).toEqual(["export const EnvelopeCodec"]);
});

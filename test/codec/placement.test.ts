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
      return [{ message: messageIn(files, "codec.other.Envelope"), pkg: "codec.other" }];
    },
  });
}

test("what isn't of the same package has its codecs in the folder of the package that needs them", () => {
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

function shopOf(coinFile: string, coinPackage: string) {
  const coins = create(FileDescriptorProtoSchema, {
    name: coinFile,
    package: coinPackage,
    syntax: "proto3",
    messageType: [{ name: "Coin" }],
  });
  const purse = create(FileDescriptorProtoSchema, {
    name: "counter/purse.proto",
    package: "shop.v1",
    syntax: "proto3",
    dependency: [coins.name],
    messageType: [
      {
        name: "Purse",
        field: [{ name: "coin", number: 1, type: FieldDescriptorProto_Type.MESSAGE, typeName: `.${coinPackage}.Coin` }],
      },
    ],
  });
  return [coins, purse];
}

test.each([
  { file: "counter/coins.proto", pkg: "shop.v1", path: "counter/coins_codec", from: "./coins_codec.js" },
  { file: "vault/coins.proto", pkg: "shop.v1", path: "vault/coins_codec", from: "../vault/coins_codec.js" },
  { file: "counter/coins.proto", pkg: "mint.v1", path: "shop/v1/codecs", from: "../shop/v1/codecs.js" },
  { file: "shop/v1/coins.proto", pkg: "shop", path: "shop/v1/codecs", from: "../shop/v1/codecs.js" },
])("a codec's place goes by packages, not by folders: $pkg in $file", ({ file, pkg, path, from }) => {
  const protoFile = shopOf(file, pkg);
  const sources = [protoFile.map(({ name }) => name), ["counter/purse.proto"]].map(
    (fileToGenerate) =>
      printCodecs({
        protoFile,
        fileToGenerate,
        roots: (files) => [{ message: messageIn(files, "shop.v1.Purse"), pkg: "shop.v1" }],
      }).sources,
  );
  expect([...(sources[0]?.keys() ?? [])].sort()).toEqual(["counter/purse_codec.ts", `${path}.ts`].sort());
  expect(sources[0]?.get("counter/purse_codec.ts")).toContain(`import { readCoin, writeCoin } from "${from}";`);
  expect(sources[1]).toEqual(sources[0]);
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
      from.proto.package.startsWith("codec.")
        ? from.messages.map((message) => ({ message, pkg: from.proto.package }))
        : [],
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

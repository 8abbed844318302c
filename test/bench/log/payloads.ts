import { create, type Message, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { codecsOf } from "../../../runtime/src/codec/method-codecs.js";
import { EverythingSchema, NestedSchema } from "../../../runtime/test-support/gen/probe/v1/probe_pb.js";

type Init = MessageInitShape<typeof EverythingSchema>;

const SIZE = 4 * 1024 * 1024;
const { request: codec } = codecsOf({ input: EverythingSchema, output: EverythingSchema }, {});

/** Messages of about 4 MiB, each of one shape, as a server has them: decoded by the codec of a method. */
export function payloads(): ReadonlyMap<string, Message> {
  const inits: Readonly<Record<string, Init>> = {
    text: { text: "x".repeat(SIZE) },
    "text of other scripts": { text: "請求書ü😀".repeat(SIZE / 15) },
    "text of controls": { text: "\n\u2028\u009b".repeat(SIZE / 6) },
    bytes: { raw: new Uint8Array(SIZE) },
    "repeated texts": { tags: many(SIZE / 10, (i) => `tag-${i % 1000}`) },
    "repeated numbers": { numbers: many(SIZE / 2, (i) => i % 10_000) },
    "hidden texts": { secrets: many(SIZE / 10, (i) => `tag-${i % 1000}`) },
    "map of texts": { labels: record(SIZE / 20, (i) => [`key-${i}`, "value"]) },
    "map of messages": { nestedByNumber: record(SIZE / 16, (i) => [i, { name: "name" }]) },
    "hidden map": { secretLabels: record(SIZE / 20, (i) => [`key-${i}`, "value"]) },
    Struct: { struct: record(SIZE / 20, (i) => [`key-${i}`, i]) },
    "Struct of one list": { struct: { list: many(SIZE / 12, (i) => i) } },
    "nested messages": { choice: { case: "right", value: { children: many(SIZE / 12, () => ({ name: "name" })) } } },
    "many Anys": { anys: many(SIZE / 50, () => anyPack(NestedSchema, create(NestedSchema, { name: "name" }))) },
    "Any of an unknown type": { any: { typeUrl: "x/nope.Nope", value: new Uint8Array(SIZE) } },
    "type URL": { any: { typeUrl: "x".repeat(SIZE) } },
    "Any of garbage": { any: { typeUrl: "x/probe.v1.Everything", value: new Uint8Array(SIZE).fill(0xff) } },
    "Any of unknown fields": { any: { typeUrl: "x/probe.v1.Nested", value: repeated(SIZE, [0x38, 0x01]) } },
    "Any of a group": { any: { typeUrl: "x/probe.v1.Nested", value: repeated(SIZE, [0x3b, 0x08]) } },
  };
  const messages = new Map<string, Message>();
  for (const [name, init] of Object.entries(inits)) {
    const bytes = toBinary(EverythingSchema, create(EverythingSchema, init));
    messages.set(name, codec.decode(bytes));
    if (init.any === undefined) {
      const any = { typeUrl: "x/probe.v1.Everything", value: bytes };
      messages.set(`Any of ${name}`, codec.decode(toBinary(EverythingSchema, create(EverythingSchema, { any }))));
    }
  }
  const unknown = repeated(SIZE, [0xf8, 0x07, 0x01]);
  messages.set("unknown fields", codec.decode(unknown.subarray(0, unknown.length - (unknown.length % 3))));
  return messages;
}

function many<Item>(length: number, item: (index: number) => Item): Item[] {
  return Array.from({ length: Math.floor(length) }, (_, i) => item(i));
}

function record<Value>(length: number, entry: (index: number) => [string | number, Value]): Record<string, Value> {
  return Object.fromEntries(many(length, entry));
}

function repeated(size: number, bytes: readonly number[]): Uint8Array {
  return Buffer.alloc(size, Buffer.from(bytes));
}

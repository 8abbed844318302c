import { expect, test } from "vitest";
import { allMessages } from "./all-messages.js";
import { compileProtos, GOOGLE_PROTOS } from "./compiled-protos.js";
import { generateCodecs } from "./generated-codecs.js";
import { proveCodec, withSeed } from "./prove.js";

// A sample: streams and oneofs, deep recursion, proto2, editions, groups, odd names. `npm run proof:codec` takes them all.
const SAMPLE = [
  "google/api/expr/v1alpha1",
  "google/bigtable/v2",
  "google/firestore/v1",
  "google/iam/v1",
  "google/longrunning",
  "google/protobuf/bridge",
  "google/protobuf/compiler/plugin.proto",
  "google/protobuf/descriptor.proto",
  "google/protobuf/sample_messages_edition.proto",
  "google/protobuf/test_protos",
  "google/pubsub/v1",
  "google/rpc",
  "google/spanner/v1",
  "google/type",
];

const all = process.env.CODEC_PROTOS === "all";

test(`generated codecs do what protobuf-es does with ${all ? "all" : "some"} of Google's messages`, {
  timeout: all ? 3_600_000 : 60_000,
}, () => {
  const linked = generateCodecs(compileProtos(GOOGLE_PROTOS, all ? [] : SAMPLE));
  const messages = allMessages(linked.files);
  for (const { message } of messages) {
    const generated = linked.find(message);
    for (let seed = 1; seed <= (all ? 10 : 1); seed++) {
      withSeed(`${message.typeName}, seed ${seed}`, () => proveCodec(generated, seed, 2));
    }
  }
  expect(messages.length).toBeGreaterThan(all ? 25_000 : 600);
});

import { describe, test } from "vitest";
import { allMessages } from "./all-messages.js";
import { compileProtos, OWN_PROTOS } from "./compiled-protos.js";
import { generateCodecs } from "./generated-codecs.js";
import { proveCodec, withSeed } from "./prove.js";

const SEEDS = 8;
const MALFORMED = 8;

const linked = generateCodecs(compileProtos(OWN_PROTOS));

describe("generated codecs do what protobuf-es does with", () => {
  // protobuf-es takes Object.prototype's functions for messages there. See `codec.test.ts`.
  const messages = allMessages(linked.files).filter(({ message }) => message.name !== "InheritedMessages");
  test.each(messages.map(({ message }) => ({ message, name: message.typeName })))("$name", ({ message }) => {
    const generated = linked.find(message);
    for (let seed = 1; seed <= SEEDS; seed++) {
      withSeed(seed, () => proveCodec(generated, seed, MALFORMED));
    }
  });
});

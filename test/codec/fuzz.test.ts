import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { allMessages } from "./all-messages.js";
import { compileProtos, OWN_PROTOS } from "./compiled-protos.js";
import { type GeneratedCodec, generateCodecs } from "./generated-codecs.js";
import { malform } from "./malform.js";
import { proveDecoding } from "./prove.js";
import { Random } from "./random.js";
import { randomMessage } from "./random-message.js";
import { outcome } from "./same.js";

// The corpus has an input for each thing that was ever seen to happen to a message type. `CODEC_FUZZ_SECONDS=600 npx vitest
// run test/codec/fuzz.test.ts` looks for more, and for differences from protobuf-es.
const CORPUS = join(dirname(fileURLToPath(import.meta.url)), "corpus.txt");
const seconds = Number(process.env.CODEC_FUZZ_SECONDS ?? 0);
const LARGEST_INPUT = 48;

const linked = generateCodecs(compileProtos(OWN_PROTOS));
const codecs = new Map(
  allMessages(linked.files)
    .filter(({ message }) => message.name !== "InheritedMessages")
    .map(({ message }) => [message.typeName, linked.find(message)]),
);
// A line for each input: the message type and the bytes.
const corpus = (existsSync(CORPUS) ? readFileSync(CORPUS, "utf8") : "").split("\n").flatMap((line) => {
  const [type = "", hex = ""] = line.split(" ");
  return type === "" ? [] : [{ type, bytes: Buffer.from(hex, "hex") }];
});

test("the corpus decodes as protobuf-es decodes it", () => {
  expect(corpus.length).toBeGreaterThan(seconds > 0 ? -1 : 500);
  for (const { type, bytes } of corpus) {
    proveDecoding(codecOf(type), bytes);
  }
});

test.runIf(seconds > 0)("nothing decodes otherwise than with protobuf-es", { timeout: (seconds + 60) * 1_000 }, () => {
  const seed = Number(process.env.CODEC_FUZZ_SEED ?? Date.now() % 2 ** 32);
  const random = new Random(seed);
  const pools = new Map([...codecs.keys()].map((type): [string, Buffer[]] => [type, []]));
  for (const { type, bytes } of corpus) {
    pools.get(type)?.push(bytes);
  }
  const seen = new Set([...pools].flatMap(([type, pool]) => pool.map((bytes) => signatureOf(codecOf(type), bytes))));
  const end = Date.now() + seconds * 1_000;
  let runs = 0;
  for (; Date.now() < end; runs++) {
    const type = random.pick([...codecs.keys()]);
    const codec = codecOf(type);
    const pool = pools.get(type) ?? [];
    const bytes = malform(pool.length > 0 && random.oneIn(2) ? random.pick(pool) : freshBytes(codec, random), random);
    try {
      proveDecoding(codec, bytes);
    } catch (cause) {
      throw new Error(`${type} with seed ${seed}: ${Buffer.from(bytes).toString("hex")}`, { cause });
    }
    const signature = signatureOf(codec, bytes);
    if (bytes.length <= LARGEST_INPUT && !seen.has(signature)) {
      seen.add(signature);
      pool.push(Buffer.from(bytes));
    }
  }
  console.log(`${runs} inputs in ${seconds} s, seed ${seed}; ${seen.size} different things happened`);
  const lines = [...pools].flatMap(([type, pool]) => pool.map((bytes) => `${type} ${bytes.toString("hex")}\n`));
  writeFileSync(CORPUS, lines.join(""));
});

function freshBytes({ schema }: GeneratedCodec, random: Random): Uint8Array {
  const encoded = outcome(() => toBinary(schema, randomMessage(schema, random)));
  return "value" in encoded ? encoded.value : new Uint8Array(0);
}

/** What happened, roughly: which error, whether generated code did it alone, and which fields there are now. */
function signatureOf({ schema, readStatically }: GeneratedCodec, bytes: Uint8Array): string {
  const decoded = outcome(() => fromBinary(schema, bytes));
  const alone = "value" in outcome(() => readStatically(bytes));
  const what =
    "error" in decoded
      ? `${decoded.error.name} ${decoded.error.message.replace(/[0-9]+/g, "#").slice(0, 60)}`
      : `${Object.keys(decoded.value).length} ${decoded.value.$unknown?.map(({ wireType }) => wireType).slice(0, 2) ?? ""}`;
  return `${schema.typeName} ${alone} ${what}`;
}

function codecOf(type: string): GeneratedCodec {
  const codec = codecs.get(type);
  if (codec === undefined) {
    throw new Error(`The corpus has a message type that there isn't: ${type}`);
  }
  return codec;
}

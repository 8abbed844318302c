import { readdirSync, readFileSync } from "node:fs";
import { posix, win32 } from "node:path";
import { fileURLToPath } from "node:url";
import { toBinary } from "@bufbuild/protobuf";
import { CodeGeneratorRequestSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeRequest } from "../../plugin/src/bin/decode-request.js";
import { accord } from "../../plugin/src/cli/cli.fixture.js";
import { UNFIT } from "../../plugin/src/hostile-text.fixture.js";
import { OPTIONS } from "../../plugin/src/options.js";
import { generate } from "../../plugin/src/plugin.js";

// Requests that no compiler would send: real ones with bytes changed, moved and cut off. The plugin answers with files whose paths
// stay in their folder, or with an error; it never throws.

const GOLDEN = fileURLToPath(new URL("../golden", import.meta.url));
const times = Number(process.env.ATTACK_TIMES ?? 1);

const requests = ["ledger", "hostile", "editions", "packages"]
  .filter((name) => readdirSync(GOLDEN).includes(name))
  .map((name) => new Uint8Array(readFileSync(`${GOLDEN}/${name}/request.binpb`)));

type Change = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

const at = fc.double({ min: 0, max: 1, noNaN: true });
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(at, fc.nat(255)).map(
    ([place, byte]): Change =>
      (bytes) => {
        const changed = Buffer.from(bytes);
        changed[Math.floor(place * bytes.length)] = byte;
        return changed;
      },
  ),
  fc.tuple(at, at).map(
    ([from, to]): Change =>
      (bytes) => {
        const [a, b] = [from, to].map((place) => Math.floor(place * bytes.length)).sort((x, y) => x - y);
        return Buffer.concat([bytes.subarray(0, a), bytes.subarray(b)]);
      },
  ),
  fc.tuple(at, fc.uint8Array({ maxLength: 20 })).map(
    ([place, more]): Change =>
      (bytes) => {
        const index = Math.floor(place * bytes.length);
        return Buffer.concat([bytes.subarray(0, index), more, bytes.subarray(index)]);
      },
  ),
  // Names and texts keep their length, so that the message around them stays whole.
  fc
    .tuple(
      fc.constantFrom("ledger", "Ledger", "v1", "Service", "proto3", "ERROR", "/", "."),
      fc.constantFrom("../../", "\u2028\u2028", "\n\n\n\n\n\n\n", '"}{";*/', "con", "/", "\\", "::::::::"),
    )
    .map(
      ([word, by]): Change =>
        (bytes) => {
          const text = Buffer.alloc(word.length, by);
          const changed = Buffer.from(bytes);
          for (let index = changed.indexOf(word); index !== -1; index = changed.indexOf(word, index + text.length)) {
            text.copy(changed, index);
          }
          return changed;
        },
    ),
);

const mutated = fc
  .tuple(fc.constantFrom(...requests), fc.array(change, { minLength: 1, maxLength: 4 }))
  .map(([request, changes]) => changes.reduce((bytes, apply) => apply(bytes), request));

/** Without its first file: what imports that can't be resolved. */
function incomplete(request: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const whole = decodeRequest(request);
  return new Uint8Array(toBinary(CodeGeneratorRequestSchema, { ...whole, protoFile: whole.protoFile.slice(1) }));
}

function decoded(bytes: Uint8Array): ReturnType<typeof decodeRequest> | undefined {
  try {
    return decodeRequest(bytes);
  } catch {
    // Then bin/ says that it is no request.
    return undefined;
  }
}

/** Has the plugin answer, and looks at what it says. */
async function answerTo(bytes: Uint8Array): Promise<"files" | "error" | undefined> {
  const request = decoded(bytes);
  if (request === undefined || request.protoFile.length === 0) {
    return undefined;
  }
  request.parameter = "target=ts,artifacts=errors+servicer+client+server+k8s+docs";
  const { response, warnings } = await generate(request);
  expect(UNFIT.exec(response.error + warnings.join(""))).toBeNull();
  expect(response.error !== "" && response.file.length > 0).toBe(false);
  for (const { name, content } of response.file) {
    expect(posix.join("/out", name).startsWith("/out/")).toBe(true);
    expect(win32.join("D:\\out", name).startsWith("D:\\out\\")).toBe(true);
    expect([name, UNFIT.exec(content)]).toEqual([name, null]);
  }
  return response.error === "" ? "files" : "error";
}

it("are answered with files in their folder, or an error", async () => {
  const [whole = new Uint8Array()] = requests;
  expect(await answerTo(whole)).toBe("files");
  expect(await answerTo(incomplete(whole))).toBe("error");
  await fc.assert(
    fc.asyncProperty(mutated, async (bytes) => {
      await answerTo(bytes);
    }),
    { numRuns: 60 * times },
  );
});

it("are told by the accord command, which never throws", async () => {
  const commands = [
    ["lint", "-"],
    ["explain", "--input=-"],
    ["breaking", "-", `--against=${GOLDEN}/ledger/request.binpb`],
  ];
  await fc.assert(
    fc.asyncProperty(mutated, fc.constantFrom(...commands), async (bytes, argv) => {
      const { code, stdout, stderr } = await accord(argv, { stdin: bytes });
      expect([0, 1, 2]).toContain(code);
      expect(UNFIT.exec(stdout + stderr)).toBeNull();
    }),
    { numRuns: 40 * times },
  );
});

it("with options of any kind are answered too", async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...OPTIONS.map(({ name }) => name),
      "ts",
      "js",
      "dts",
      "=",
      ",",
      "+",
      ":",
      "*",
      "./",
      "../",
      '"',
      "'",
      "\\",
      "\n",
      "\u2028",
      ";evil()",
      "google/*",
      "true",
    ),
    fc.string({ maxLength: 4 }),
  );
  const parameter = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
  const [request = new Uint8Array()] = requests;
  await fc.assert(
    fc.asyncProperty(parameter, async (text) => {
      const { response } = await generate(
        Object.assign(decodeRequest(request), { parameter: `target=ts,artifacts=errors,${text}` }),
      );
      expect(UNFIT.exec(response.error)).toBeNull();
      for (const { name, content } of response.file) {
        expect([name, UNFIT.exec(content)]).toEqual([name, null]);
        expect(content.replace(/\/\/.*/g, "").replace(/"(?:\\.|[^"\\\n])*"/g, "")).not.toContain("evil");
      }
    }),
    { numRuns: 60 * times },
  );
});

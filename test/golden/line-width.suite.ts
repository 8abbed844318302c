import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { generate } from "@accord-grpc/protoc-gen-accord";
import { afterAll, expect, it } from "vitest";
import { program } from "../../scripts/programs.mjs";
import { BIOME, compile, GOLDEN, UPDATING } from "./golden-case.js";

// Where lines break depends on how long names are. So everything that is generated is generated with names of many
// lengths, and biome must agree with each line break.
const SHORTEST = 4;
const LONGEST = 44;

const folder = mkdtempSync(join(tmpdir(), "accord-line-width-"));
afterAll(() => rmSync(folder, { recursive: true }));

it.skipIf(UPDATING)(`breaks lines where biome does, with names of ${SHORTEST} to ${LONGEST} letters`, async () => {
  for (let length = SHORTEST; length <= LONGEST; length++) {
    write(`proto/w${length}.proto`, protoWith(length));
  }
  cpSync(join(GOLDEN, "../../proto"), join(folder, "contract"), { recursive: true });
  const request = compile(folder, "proto", "contract");
  request.parameter = "target=ts,import_extension=js";
  const { response } = await generate(request);
  expect(response.error).toBe("");
  for (const { name, content } of response.file) {
    write(`gen/${name}`, content);
  }
  write("gen/biome.json", BIOME);
  expect(response.file.length).toBeGreaterThan(5 * (LONGEST - SHORTEST));
  expect(() =>
    execFileSync(...program("biome", ["format", "."]), { cwd: join(folder, "gen"), encoding: "utf8", stdio: "pipe" }),
  ).not.toThrow();
});

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** A name of the length: `fieldefghij`. */
function named(start: string, length: number): string {
  return (start + "abcdefghij".repeat(10).slice(start.length)).slice(0, Math.max(length, start.length));
}

/** A contract with everything in it, whose names have the length. */
function protoWith(length: number): string {
  const [request, response, field, inner, key] = ["Rq", "Rs", "f", "m", "k"].map((start) => named(start, length));
  const codes = Array.from({ length: 6 }, (_, index) => named(`e${index}`, length).toUpperCase());
  const errors = codes.map((code, index) => {
    const parent = index === 5 ? `parent: "${codes[4]}"` : "";
    const message = `${named("Message ", length * 2)}${index === 0 ? "" : `{${key}}`}`;
    const metadata = index < 4 ? [key] : [key, "another_key", "yet_another_key"];
    // Errors with one detail, with two, and with one more than their parent.
    const inherited = index >= 3 && index <= 5 ? [`w${length}.v1.${response}`] : [];
    const details = [...inherited, ...(index === 2 || index === 3 || index === 5 ? [`w${length}.v1.${request}`] : [])];
    return `ERR_${code} = ${index + 1} [(accord.v1.error) = {status: ABORTED, message: "${message}", metadata: ${JSON.stringify(metadata)}, details: ${JSON.stringify(details)} ${parent}}];`;
  });
  const kinds = [
    ["", ""],
    ["stream ", ""],
    ["", "stream "],
    ["stream ", "stream "],
  ];
  const methods = kinds.flatMap(([sends = "", receives = ""], kind) =>
    Array.from({ length: 6 }, (_, index) => {
      const name = named(`M${"abcdefghijklmnopqrstuvwxyz"[kind * 6 + index]}`, length);
      const fields = [
        [],
        [`{path: "${field}"}`],
        [
          `{path: "${field}"}`,
          `{path: "${inner}.${inner}.kind", mask: MASK_HASH}`,
          `{path: "${inner}.kind"}`,
          `{path: "one"}`,
        ],
        receives === "" ? [`{path: "${inner}.${field}", on_response: true}`] : [],
        [],
        [],
      ][index];
      const call = index % 2 === 0 ? "" : `call: {timeout: "5s", max_request_bytes: 1000000}`;
      return `rpc ${name}(${sends}${request}) returns (${receives}${response}) {
        option (accord.v1.method) = {raises: ${JSON.stringify(codes.slice(0, index))}, log: [${fields}] ${call}};
      }`;
    }),
  );
  return `
    syntax = "proto3";
    package w${length}.v1;
    import "accord/v1/options.proto";
    enum Err {
      option (accord.v1.errors) = {prefix: "ERR_"};
      ERR_UNSPECIFIED = 0;
      ${errors.join("\n")}
    }
    service ${named("S", length)}Service {
      option (accord.v1.service) = {defaults: {}};
      ${methods.join("\n")}
    }
    service ${named("T", length)}Service {
      rpc Get(${request}) returns (${response});
    }
    enum Kind { KIND_UNSPECIFIED = 0; }
    message ${request} {
      string ${field} = 1;
      ${response} ${inner} = 2;
      oneof choice { string one = 3; int32 other = 4; }
    }
    message ${response} {
      string ${field} = 1;
      ${response} ${inner} = 2;
      Kind kind = 3;
    }`;
}

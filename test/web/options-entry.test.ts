import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { method, type file_accord_v1_options as OptionsFile } from "@accord-grpc/runtime/accord/v1/options_pb.js";
import { fromBinary, getOption, toBinary } from "@bufbuild/protobuf";
import { CodeGeneratorRequestSchema, CodeGeneratorResponseSchema } from "@bufbuild/protobuf/wkt";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { program } from "../../scripts/programs.mjs";
import { readRequest } from "../golden/golden-case.js";
import { LedgerService } from "../golden/ledger/gen/ledger/v1/ledger_pb.js";

// The contract language's code ships with the runtime, so that no project needs a copy of its own.

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const REWRITE = "rewrite_imports=./accord/v1/options_pb.js:@accord-grpc/runtime";

/** What protoc-gen-es prints for the ledger's messages. */
function messages(): string {
  const request = readRequest("ledger");
  request.fileToGenerate = request.fileToGenerate.filter((name) => !name.startsWith("accord/"));
  request.parameter = `target=ts,import_extension=js,${REWRITE}`;
  const { stdout } = spawnSync(...program("protoc-gen-es"), {
    input: toBinary(CodeGeneratorRequestSchema, request),
    maxBuffer: 64 << 20,
  });
  const { file } = fromBinary(CodeGeneratorResponseSchema, stdout);
  expect(file.map(({ name }) => name)).toEqual(["ledger/v1/errors_pb.ts", "ledger/v1/ledger_pb.ts"]);
  return file.map(({ content }) => content).join("");
}

/** A bundle for pages of the ledger's messages, with the language's code from a file. */
async function bundleWith(language: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { LedgerService } from "./ledger_pb.js";`,
      resolveDir: join(root, "test/golden/ledger/gen/ledger/v1"),
    },
    ...{ bundle: true, minify: true, format: "esm", platform: "browser", target: "es2022", write: false },
    external: ["@bufbuild/*"],
    plugins: [
      {
        name: "language",
        setup({ onResolve }) {
          onResolve({ filter: /^\.\.\/\.\.\/accord\/v1\/options_pb/ }, () => ({ path: join(root, language) }));
        },
      },
    ],
  });
  return outputFiles?.[0]?.text ?? "";
}

describe("the contract language's code", () => {
  it("is where protoc-gen-es imports it from", () => {
    expect(messages()).toContain('from "@accord-grpc/runtime/accord/v1/options_pb.js";');
  });

  it.each(["options_pb", "options_pb.js", "options_pb.ts"])(
    "goes with an import_extension that makes it %s",
    (name) => {
      const { exports } = JSON.parse(readFileSync(join(root, "runtime/package.json"), "utf8"));
      const conditions = exports[`./accord/v1/${name}`];
      expect(conditions["@accord-grpc/source"]).toBe("./src/codegen/options.ts");
      // Bundlers take the first that fits.
      expect(Object.keys(conditions).indexOf("browser")).toBe(1);
      expect(conditions.browser).toBe("./dist/esm/codegen/options-in-browsers.js");
    },
  );

  it("reads a method's contract", () => {
    expect(getOption(LedgerService.method.transfer, method).raises.length).toBeGreaterThan(0);
  });

  it("leaves 6 KB out of a page, which knows the file's name all the same", async () => {
    const [own, shipped] = await Promise.all([
      bundleWith("test/golden/ledger/gen/accord/v1/options_pb.ts"),
      bundleWith("runtime/src/codegen/options-in-browsers.ts"),
    ]);
    expect(own.length - shipped.length).toBeGreaterThan(6_000);
    const { file_accord_v1_options } = (await import("../../runtime/src/codegen/options-in-browsers.js")) as {
      file_accord_v1_options: typeof OptionsFile;
    };
    expect(file_accord_v1_options.proto.name).toBe("accord/v1/options.proto");
    expect(file_accord_v1_options.proto.package).toBe("accord.v1");
  });
});

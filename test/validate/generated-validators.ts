import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { generate } from "@accord-grpc/protoc-gen-accord";
import * as runtime from "@accord-grpc/runtime/codegen/v1";
import * as protobuf from "@bufbuild/protobuf";
import { create, createFileRegistry, type FileRegistry, fromBinary, type Message } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import * as wkt from "@bufbuild/protobuf/wkt";
import { CodeGeneratorRequestSchema, type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import * as protovalidate from "@bufbuild/protovalidate";
import { transformSync } from "esbuild";
import { program } from "../../scripts/programs.mjs";

const ROOT = join(import.meta.dirname, "../..");

type Exports = Record<string, unknown>;

/** The protos of folders of this repository, compiled beside protovalidate's and Accord's own. */
export function compiled(...folders: readonly string[]): readonly FileDescriptorProto[] {
  const modules = [...folders, "proto", "plugin/validate-protos"].map((path) => ({ path }));
  const image = execFileSync(
    ...program("buf", [
      ...["build", "--config", JSON.stringify({ version: "v2", modules })],
      ...["--as-file-descriptor-set", "-o", "-"],
    ]),
    { cwd: ROOT, maxBuffer: 64 << 20 },
  );
  return fromBinary(FileDescriptorSetSchema, image).file;
}

/** Validators as they are generated of this folder's protos, ready to run. */
export class GeneratedValidators {
  readonly registry: FileRegistry;
  /** What was generated: path → text. */
  readonly sources: ReadonlyMap<string, string>;
  readonly files: readonly FileDescriptorProto[];
  readonly #modules = new Map<string, Exports>();

  private constructor(files: readonly FileDescriptorProto[], sources: ReadonlyMap<string, string>) {
    this.files = files;
    this.registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...files] }));
    this.sources = sources;
  }

  static async generate(parameter = "target=ts,import_extension=js"): Promise<GeneratedValidators> {
    const files = compiled("test/validate/proto");
    const fileToGenerate = files.map(({ name }) => name).filter((name) => name.startsWith("rules/"));
    return GeneratedValidators.of(files, fileToGenerate, parameter);
  }

  /** Those of other protos. @throws what is wrong with them */
  static async of(
    files: readonly FileDescriptorProto[],
    fileToGenerate: string[],
    parameter: string,
  ): Promise<GeneratedValidators> {
    const protoFile = [...files];
    const request = create(CodeGeneratorRequestSchema, { protoFile, fileToGenerate, parameter });
    const { response } = await generate(request);
    if (response.error !== "") {
      throw new Error(response.error);
    }
    const sources = new Map(response.file.map(({ name, content }) => [name, content]));
    return new GeneratedValidators(protoFile, sources);
  }

  /** The names of a file's validators, by the messages that they are about. */
  namesIn(path: string): ReadonlyMap<string, string> {
    const source = this.sources.get(`${path}.ts`) ?? "";
    const comments = source.matchAll(/Which rules a\s+(?:\* )?`([\w.]+)`\s+breaks[\s\S]*?export function (\w+)\(/g);
    return new Map([...comments].map(([, type = "", name = ""]) => [type, name]));
  }

  /** `rules/v1/rules_validate`, `validateTexts` */
  find(path: string, name: string): (message: Message) => runtime.Violations {
    const found = this.#load(path)[name];
    if (typeof found !== "function") {
      throw new Error(`${path}.ts has no ${name}`);
    }
    return found as (message: Message) => runtime.Violations;
  }

  #load(path: string): Exports {
    const known = this.#modules.get(path);
    if (known !== undefined) {
      return known;
    }
    const exports: Exports = {};
    this.#modules.set(path, exports);
    const source = this.sources.get(`${path}.ts`);
    if (source === undefined) {
      throw new Error(`${path}.ts isn't generated`);
    }
    const { code } = transformSync(source, { loader: "ts", format: "cjs", target: "es2022" });
    const module = { exports };
    new Function("module", "require", code)(module, (from: string) => this.#require(path, from));
    Object.assign(exports, module.exports);
    return exports;
  }

  #require(importer: string, from: string): Exports {
    if (from === "@accord-grpc/runtime/codegen/v1") {
      return runtime;
    }
    if (from === "@bufbuild/protovalidate") {
      return protovalidate;
    }
    if (from === "@bufbuild/protobuf") {
      return protobuf;
    }
    if (from === "@bufbuild/protobuf/wkt") {
      return wkt;
    }
    const path = new URL(from, `file:///${importer}`).pathname.slice(1).replace(/\.js$/, "");
    return path.endsWith("_pb") ? this.#schemas(path.replace(/_pb$/, ".proto")) : this.#load(path);
  }

  #schemas(proto: string): Exports {
    const file = this.registry.getFile(proto);
    const types = file === undefined ? [] : [...nestedTypes(file)];
    return Object.fromEntries(
      types.flatMap((desc) => {
        const local = desc.typeName.slice((file?.proto.package.length ?? -1) + 1).replaceAll(".", "_");
        const name = desc.kind === "message" || desc.kind === "enum" ? `${local}Schema` : local;
        return [[name, desc]];
      }),
    );
  }
}

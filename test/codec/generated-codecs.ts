import type { DescFile, DescMessage, Message } from "@bufbuild/protobuf";
import { wktPublicImportPaths } from "@bufbuild/protobuf/codegenv2";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import * as wellKnownTypes from "@bufbuild/protobuf/wkt";
import { transformSync } from "esbuild";
import { type PrintedCodecs, printCodecs } from "../../plugin/src/emit/codec/print-codecs.js";
import { CODEC_MODULE } from "../../plugin/src/emit/typescript/codec-symbols.js";
import { GeneratedNames } from "../../plugin/src/emit/typescript/generated-names.js";
import type { MessageCodec } from "../../runtime/src/codec/message-codec.js";
import { MessageReader, type ReadMessage } from "../../runtime/src/codec/message-reader.js";
import { MessageWriter, type WriteMessage } from "../../runtime/src/codec/message-writer.js";
import * as runtime from "../../runtime/src/codec/v1.js";
import { allMessages } from "./all-messages.js";

/** Generates codecs for all messages of compiled protos, ready to run. */
export function generateCodecs(protoFile: readonly FileDescriptorProto[]): LinkedCodecs {
  const fileToGenerate = protoFile.map(({ name }) => name);
  return new LinkedCodecs(printCodecs({ protoFile, fileToGenerate, roots: allMessages }));
}

/** The generated functions of a message type, and its codec. */
export interface GeneratedCodec {
  readonly schema: DescMessage;
  readonly codec: MessageCodec;
  /** Reads with generated code alone. @throws where the codec would ask protobuf-es */
  readStatically(bytes: Uint8Array): Message;
  /** Writes with generated code alone. @throws where the codec would ask protobuf-es */
  writeStatically(message: object): Uint8Array;
}

/** Runs what was printed, with descriptors in place of protoc-gen-es's modules. */
export class LinkedCodecs {
  readonly files: readonly DescFile[];
  readonly #printed: PrintedCodecs;
  readonly #modules = new Map<string, Exports>();
  readonly #descriptors: Map<string, DescFile>;
  readonly #names = new GeneratedNames();

  constructor(printed: PrintedCodecs) {
    this.files = printed.files;
    this.#printed = printed;
    this.#descriptors = new Map(printed.files.map((file) => [`${file.name}_pb`, file]));
  }

  /**
   * Finds a message's codec.
   *
   * @param pkg the package that asks, where that makes a difference
   */
  find(schema: DescMessage, pkg = schema.file.proto.package): GeneratedCodec {
    const { names, path } = this.#printed.plan.find(schema, pkg);
    const exports: Exports = path === undefined ? runtime : this.#load(path);
    const read = exports[names.read] as ReadMessage<Message>;
    const write = exports[names.write] as WriteMessage<object>;
    return {
      schema,
      codec: exports[names.codec] as MessageCodec,
      readStatically: (bytes) => read(new MessageReader(bytes), bytes.length),
      writeStatically(message) {
        const writer = new MessageWriter();
        writer.start();
        write(writer, message);
        return writer.take();
      },
    };
  }

  #load(path: string): Exports {
    const known = this.#modules.get(path);
    if (known !== undefined) {
      return known;
    }
    const exports: Exports = {};
    // Before it runs: files may import each other.
    this.#modules.set(path, exports);
    const { code } = transformSync(this.#printed.sources.get(`${path}.ts`) ?? "", {
      loader: "ts",
      format: "cjs",
      target: "es2022",
    });
    const module = { exports };
    new Function("module", "require", code)(module, (from: string) => this.#require(path, from));
    Object.assign(exports, module.exports);
    return exports;
  }

  #require(importer: string, from: string): Exports {
    if (from === CODEC_MODULE) {
      return runtime;
    }
    if (from.startsWith("@bufbuild/protobuf/wkt")) {
      return this.#wellKnownTypes();
    }
    const path = new URL(from, `file:///${importer}`).pathname.slice(1).replace(/\.js$/, "");
    const file = this.#descriptors.get(path);
    return file === undefined ? this.#load(path) : this.#schemasOf(path, file);
  }

  /** The library's, but for the descriptors of files that were compiled here: messages are compared with these. */
  #wellKnownTypes(): Exports {
    const compiled = this.files.filter(({ proto }) => proto.name in wktPublicImportPaths);
    return Object.assign({}, wellKnownTypes, ...compiled.map((file) => this.#schemasOf(`${file.name}_pb`, file)));
  }

  #schemasOf(path: string, file: DescFile): Exports {
    let exports = this.#modules.get(path);
    if (exports === undefined) {
      exports = {};
      this.#modules.set(path, exports);
      const importer = { importSchema: () => ({ from: "" }) } as never;
      for (const desc of nestedTypes(file)) {
        if (desc.kind === "message" || desc.kind === "enum") {
          exports[this.#names.schema(desc, importer).name] = desc;
        }
      }
    }
    return exports;
  }
}

type Exports = Record<string, unknown>;

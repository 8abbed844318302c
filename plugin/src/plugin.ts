import { lineText } from "@accord-grpc/runtime/contract";
import { create, maximumEdition, minimumEdition } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  type CodeGeneratorResponse,
  CodeGeneratorResponse_Feature,
  CodeGeneratorResponseSchema,
} from "@bufbuild/protobuf/wkt";
import { createEcmaScriptPlugin, type Schema } from "@bufbuild/protoplugin";
import { type Diagnostic, readContract, renderDiagnostic } from "./contract.js";
import type { Emitter } from "./emit/emitter.js";
import { FileSet, finishTypeScript } from "./emit/file-set.js";
import { loadTranspile, type Transpile } from "./emit/typescript/transpile.js";
import { explainOptionError, isExcluded, OptionError, parseOptions } from "./options.js";
import { NO_OTHER_PARTS, type OtherParts } from "./read/other-parts.js";
import { NO_SOURCES, type ProtoSources } from "./read/source/proto-sources.js";
import { TemplateError } from "./templates/template-error.js";
import { messageOf } from "./thrown-message.js";
import { PLUGIN_NAME, VERSION } from "./version.js";

/** What the plugin answers. */
export interface Generated {
  /** What goes back to protoc or buf: all files, or an error and no file at all. */
  readonly response: CodeGeneratorResponse;
  /** What is worth telling, though everything was generated: one line each. */
  readonly warnings: readonly string[];
}

/**
 * Generates code: the plugin as a function. It reads nothing but templates, and gives the same answer to the same request, in
 * whatever order its files stand.
 *
 * Whatever is wrong with the request is in the response's `error`, one line for each problem.
 *
 * @param sources where the texts of the proto files come from, to say more exactly where in them something is wrong
 * @param otherParts which files of the packages there are beside those of the request, to say that a part is missing
 * @throws if the plugin itself has a defect
 */
export async function generate(
  request: CodeGeneratorRequest,
  sources: ProtoSources = NO_SOURCES,
  otherParts: OtherParts = NO_OTHER_PARTS,
): Promise<Generated> {
  try {
    const { artifacts, targets, templates, codec, exclude, validate } = parseOptions(request.parameter);
    const emitters = await Promise.all(artifacts.map((artifact) => artifact.load({ templates, codec })));
    const transpiles = targets.some((target) => target !== "ts") && artifacts.some(({ typescript }) => typescript);
    const transpile = transpiles ? await loadTranspile() : undefined;
    const excluded = new Set(request.protoFile.map(({ name }) => name).filter((path) => isExcluded(path, exclude)));
    const fileToGenerate = request.fileToGenerate.filter((path) => !excluded.has(path));
    const wanted = Object.assign(create(CodeGeneratorRequestSchema), request, { fileToGenerate });
    return new Run(wanted, { excluded, validate }, emitters, transpile, {
      sources,
      otherParts: withoutExcluded(otherParts, exclude),
    }).result();
  } catch (error) {
    if (error instanceof OptionError || error instanceof TemplateError) {
      return failed(error.message.split("\n"));
    }
    throw error;
  }
}

function withoutExcluded({ generated, found }: OtherParts, exclude: readonly string[]): OtherParts {
  const isMeant = (path: string) => !isExcluded(path, exclude);
  return {
    generated: (pkg, files) => generated(pkg, files).filter(isMeant),
    found: (pkg, files) => found(pkg, files).filter(isMeant),
  };
}

/** What is known beside the request. It adds to what is said, and to nothing that is generated. */
interface Surroundings {
  readonly sources: ProtoSources;
  readonly otherParts: OtherParts;
}

/** What options leave out: files, and the checks of requests. */
interface RunScope {
  readonly excluded: ReadonlySet<string>;
  readonly validate: boolean;
}

/** One run of protoplugin's machinery, and what it leaves behind. */
class Run {
  readonly #request: CodeGeneratorRequest;
  readonly #scope: RunScope;
  readonly #emitters: readonly Emitter[];
  readonly #transpile: Transpile | undefined;
  readonly #surroundings: Surroundings;
  #diagnostics: readonly Diagnostic[] = [];
  #files: FileSet | undefined;
  #defect: { readonly cause: unknown } | undefined;

  constructor(
    request: CodeGeneratorRequest,
    scope: RunScope,
    emitters: readonly Emitter[],
    transpile: Transpile | undefined,
    surroundings: Surroundings,
  ) {
    this.#request = request;
    this.#scope = scope;
    this.#emitters = emitters;
    this.#transpile = transpile;
    this.#surroundings = surroundings;
  }

  result(): Generated {
    const plugin = createEcmaScriptPlugin({
      name: PLUGIN_NAME,
      version: VERSION,
      // The options are checked before. Without this, protoplugin would refuse those that aren't its own.
      parseOptions: () => ({}),
      generateTs: (schema) => this.#generate(schema),
      transpile: (files, ...rest) =>
        this.#transpile?.(
          files.map((file) => ({ ...file, content: finishTypeScript(file.content) })),
          ...rest,
        ) ?? [],
    });
    let printed: CodeGeneratorResponse["file"];
    try {
      printed = plugin.run(this.#request).file;
    } catch (error) {
      if (this.#defect !== undefined || this.#files !== undefined) {
        throw this.#defect?.cause ?? error;
      }
      // protoplugin can't make sense of the request.
      return failed([explainOptionError(messageOf(error))]);
    }
    return this.#respond(printed);
  }

  #generate(schema: Schema): void {
    try {
      const toGenerate = new Set(this.#request.fileToGenerate);
      const { excluded, validate } = this.#scope;
      const { sources, otherParts } = this.#surroundings;
      const { model, diagnostics } = readContract(schema.allFiles, toGenerate, sources, excluded, otherParts, validate);
      this.#diagnostics = diagnostics;
      if (model !== undefined) {
        const { tsNocheck, elidePluginVersion } = schema.options;
        this.#files = new FileSet(schema, { parameter: this.#request.parameter, tsNocheck, elidePluginVersion });
        for (const emitter of this.#emitters) {
          emitter.emit(model, this.#files);
        }
        this.#files.complete();
      }
    } catch (cause) {
      this.#defect = { cause };
      throw cause;
    }
  }

  #respond(printed: CodeGeneratorResponse["file"]): Generated {
    const warnings = this.#diagnostics.filter((diagnostic) => diagnostic.severity === "warning").map(renderDiagnostic);
    const errors = this.#diagnostics.filter((diagnostic) => diagnostic.severity === "error").map(renderDiagnostic);
    if (errors.length > 0) {
      return failed(errors, warnings);
    }
    const contents = new Map(this.#files?.others);
    for (const { name, content } of printed) {
      const isSource = name.endsWith(".ts") && !name.endsWith(".d.ts");
      contents.set(name, `${this.#files?.headerOf(name) ?? ""}${isSource ? finishTypeScript(content) : content}`);
    }
    const file = [...contents].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, content]) => ({ name, content }));
    return { response: create(CodeGeneratorResponseSchema, { ...SUPPORTED, file }), warnings };
  }
}

const SUPPORTED = {
  supportedFeatures: BigInt(
    CodeGeneratorResponse_Feature.PROTO3_OPTIONAL | CodeGeneratorResponse_Feature.SUPPORTS_EDITIONS,
  ),
  minimumEdition,
  maximumEdition,
};

function failed(errors: readonly string[], warnings: readonly string[] = []): Generated {
  return {
    response: create(CodeGeneratorResponseSchema, { ...SUPPORTED, error: errors.map(lineText).join("\n") }),
    warnings,
  };
}

import { create, type DescFile, type DescMessage } from "@bufbuild/protobuf";
import { CodeGeneratorRequestSchema, type FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { createEcmaScriptPlugin } from "@bufbuild/protoplugin";
import { FileSet, finishTypeScript } from "../file-set.js";
import { emitCodecs } from "./codec.js";
import { type CodecPlan, type CodecRoot, planCodecsFor } from "./codec-plan.js";

/** What to print codecs for. */
export interface PrintCodecsInit {
  /** Proto files in the order of their imports. */
  readonly protoFile: readonly FileDescriptorProto[];
  /** The names of those whose own code is generated. */
  readonly fileToGenerate: readonly string[];
  /** Picks the messages to have codecs for. */
  readonly roots: (files: readonly DescFile[]) => readonly CodecRoot[];
  /** Whether the runtime has the codec of a message. Default: it does for well-known types. */
  readonly isInRuntime?: (message: DescMessage) => boolean;
}

/** Codecs as they are generated. */
export interface PrintedCodecs {
  /** All files that the descriptors have. */
  readonly files: readonly DescFile[];
  readonly plan: CodecPlan;
  /** Path → TypeScript. */
  readonly sources: ReadonlyMap<string, string>;
}

/** Prints codecs as the plugin does, for messages that needn't belong to a service. */
export function printCodecs(init: PrintCodecsInit): PrintedCodecs {
  const { protoFile, fileToGenerate, roots, isInRuntime } = init;
  let files: readonly DescFile[] = [];
  let plan: CodecPlan | undefined;
  const plugin = createEcmaScriptPlugin({
    name: "codecs",
    version: "",
    generateTs(schema) {
      files = [...schema.allFiles];
      const output = new FileSet(schema, { parameter: "", tsNocheck: false, elidePluginVersion: true });
      plan = planCodecsFor(roots(files), isInRuntime);
      emitCodecs(plan, output);
      output.complete();
    },
  });
  const { file } = plugin.run(
    create(CodeGeneratorRequestSchema, {
      protoFile: [...protoFile],
      fileToGenerate: [...fileToGenerate],
      parameter: "target=ts,import_extension=js",
    }),
  );
  if (plan === undefined) {
    throw new Error("protoplugin didn't ask for anything");
  }
  return { files, plan, sources: new Map(file.map(({ name, content }) => [name, finishTypeScript(content)])) };
}

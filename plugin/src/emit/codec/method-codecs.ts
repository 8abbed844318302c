import type { DescMessage, DescMethod } from "@bufbuild/protobuf";
import type { ContractModel } from "../../model/model.js";
import { codecSymbol } from "../typescript/codec-symbols.js";
import type { Printable, TypeScriptFile } from "../typescript/typescript-file.js";
import { type CodecPlan, planCodecs } from "./codec-plan.js";

/** The codecs that generated servicers and clients pass to the runtime. */
export class MethodCodecs {
  readonly #plan: CodecPlan | undefined;

  /** @param wanted whether there are any. Without them, the runtime goes by protobuf-es's reflection. */
  constructor(model: ContractModel, wanted: boolean) {
    this.#plan = wanted ? planCodecs(model) : undefined;
  }

  /** The properties with a method's codecs: `request: TransferRequestCodec` and `response: TransferResponseCodec`. */
  properties(file: TypeScriptFile, { input, output, parent }: DescMethod): Printable[] {
    const plan = this.#plan;
    if (plan === undefined) {
      return [];
    }
    const codec = (message: DescMessage): Printable => {
      const { names, path } = plan.find(message, parent.file.proto.package);
      return path === undefined ? file.runtime(codecSymbol(names.codec)) : file.generated(names.codec, path);
    };
    return [
      ["request: ", codec(input)],
      ["response: ", codec(output)],
    ];
  }
}

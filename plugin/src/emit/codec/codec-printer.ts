import type { DescMessage } from "@bufbuild/protobuf";
import { type CodecSymbol, codecSymbol } from "../typescript/codec-symbols.js";
import type { Printable, TypeScriptFile } from "../typescript/typescript-file.js";
import type { CodecPlan } from "./codec-plan.js";
import { isJsonStruct, isUnwrapped, type MessageField } from "./well-known.js";

/** A file of codecs that is being generated. */
export class CodecPrinter {
  readonly file: TypeScriptFile;
  readonly #plan: CodecPlan;
  readonly #pkg: string;

  /** @param pkg the package for which the plan is asked */
  constructor(file: TypeScriptFile, plan: CodecPlan, pkg: string) {
    this.file = file;
    this.#plan = plan;
    this.#pkg = pkg;
  }

  /** What the runtime exports. */
  runtime(name: CodecSymbol): Printable {
    return this.file.runtime(name);
  }

  /** The function that reads the messages of a field. */
  read(field: MessageField): Printable {
    return this.#functionFor(field, "read");
  }

  /** The function that writes the messages of a field. */
  write(field: MessageField): Printable {
    return this.#functionFor(field, "write");
  }

  #functionFor(field: MessageField, direction: "read" | "write"): Printable {
    if (isJsonStruct(field)) {
      return this.runtime(`${direction}JsonStruct`);
    }
    if (isUnwrapped(field)) {
      return this.runtime(codecSymbol(`${direction}Wrapped${field.message.name.replace(/Value$/, "")}`));
    }
    return this.#planned(field.message, direction);
  }

  #planned(message: DescMessage, direction: "read" | "write"): Printable {
    const { names, path } = this.#plan.find(message, this.#pkg);
    const name = names[direction];
    return path === undefined ? this.runtime(codecSymbol(name)) : this.file.generated(name, path);
  }
}

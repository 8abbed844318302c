import type { Emitter, Output } from "../emitter.js";
import { printCodecsNeeded } from "../handshake.js";
import type { TypeScriptFile } from "../typescript/typescript-file.js";
import { type CodecFile, type CodecPlan, planCodecs } from "./codec-plan.js";
import { CodecPrinter } from "./codec-printer.js";
import { printEntries } from "./map-entry.js";
import { parentheses } from "./one-line.js";
import { printRead } from "./read-message.js";
import { printWrite } from "./write-message.js";

/** `*_codec.ts`: static encoders and decoders of the messages that services reach. */
export const codecEmitter: Emitter = {
  emit(model, output) {
    emitCodecs(planCodecs(model), output, printCodecsNeeded);
  },
};

/** Emits the files of a plan. @param printNeeded prints what each of them needs of the runtime, if it isn't the runtime's own */
export function emitCodecs(plan: CodecPlan, output: Output, printNeeded?: (file: TypeScriptFile) => void): void {
  for (const codecFile of plan.files) {
    const file = output.typescript(codecFile.path, codecFile.source, "one line per field and direction");
    printNeeded?.(file);
    // A `case` is a tag: the number of a field, times eight, and its wire type.
    file.print`// Static encoders and decoders. A number that stands for a field is its tag: number << 3 | wire type.`;
    printMessages(file, plan, codecFile);
  }
}

function printMessages(file: TypeScriptFile, plan: CodecPlan, { messages }: CodecFile): void {
  for (const planned of messages) {
    const printer = new CodecPrinter(file, plan, planned.pkg);
    const { message, names, isRoot } = planned;
    file.print``;
    file.print`// ${message.typeName}`;
    if (isRoot) {
      // export const MoneyCodec: MessageCodec<typeof MoneySchema> = defineCodec(MoneySchema, readMoney, writeMoney);
      const type = [printer.runtime("MessageCodec"), "<", file.schemaType(message), ">"];
      const call = parentheses([file.schema(message), file.own(names.read), file.own(names.write)]);
      file.print`${file.export("const", names.codec)}: ${type} = ${printer.runtime("defineCodec")}${call};`;
    }
    printRead(printer, planned);
    printWrite(printer, planned);
    printEntries(printer, planned);
  }
}

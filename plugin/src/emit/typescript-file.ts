import type { DescEnum, DescMessage, DescService } from "@bufbuild/protobuf";
import type { GeneratedFile, ImportSymbol, Printable } from "@bufbuild/protoplugin";
import { docComment, type Paragraph } from "./doc-comment.js";
import type { GeneratedNames } from "./generated-names.js";
import { GLOBAL_NAMES } from "./global-names.js";
import { Mark } from "./layout-marks.js";
import { RUNTIME_MODULE, RUNTIME_SYMBOLS, type RuntimeSymbol } from "./runtime-symbols.js";

export type { ImportSymbol, Printable } from "@bufbuild/protoplugin";

/** A TypeScript file that is being generated: protoplugin's, with the imports that Accord's own files need. */
export class TypeScriptFile {
  readonly #file: GeneratedFile;
  readonly #path: string;
  readonly #names: GeneratedNames;

  /** @param path relative to the output folder, without extension: `ledger/v1/errors` */
  constructor(file: GeneratedFile, path: string, names: GeneratedNames) {
    this.#file = file;
    this.#path = path;
    this.#names = names;
  }

  /** Prints a line, or several. A tagged template whose last line is left out prints as many as it has. */
  print(fragments: TemplateStringsArray, ...printables: Printable[]): void {
    this.#file.print(fragments, ...printables);
  }

  /** Prints a JSDoc comment, or nothing if no paragraph is left. */
  comment(indentation: string, paragraphs: readonly Paragraph[]): void {
    const text = docComment(indentation, paragraphs);
    if (text !== "") {
      this.#file.print(text.slice(0, -1));
    }
  }

  /** `export class Foo`: names that are exported are never given to an import. */
  export(declaration: string, name: string): Printable {
    return this.#file.export(declaration, name);
  }

  /** A name that is declared here, or global: never given to an import either. */
  own(name: string): Printable {
    return this.#file.import(name, `./${this.#path}.js`);
  }

  /** What the runtime exports. */
  runtime(name: RuntimeSymbol): ImportSymbol {
    return this.#file.import(name, RUNTIME_MODULE, RUNTIME_SYMBOLS[name] === "type");
  }

  /** What another generated file exports. */
  generated(name: string, path: string): Printable {
    return this.#import(name, `./${path}.js`);
  }

  /** The same, where only its type is used. */
  generatedType(name: string, path: string): Printable {
    return this.#import(name, `./${path}.js`, true);
  }

  /** What a library exports. */
  library(name: string, from: string): ImportSymbol {
    return this.#file.import(name, from);
  }

  /** The type of a message: `TransferRequest`. */
  shape(desc: DescMessage): Printable {
    const { name, from } = this.#names.shape(desc, this.#file);
    return this.#import(name, from, true);
  }

  /** An enum as a value: `Currency`. */
  enumObject(desc: DescEnum): Printable {
    const { name, from } = this.#names.shape(desc, this.#file);
    return this.#import(name, from);
  }

  /** A descriptor: `TransferRequestSchema`, `LedgerService`. */
  schema(desc: DescMessage | DescEnum | DescService): Printable {
    const { name, from } = this.#names.schema(desc, this.#file);
    return this.#import(name, from);
  }

  /** `typeof TransferRequestSchema` */
  schemaType(desc: DescMessage): Printable {
    const { name, from } = this.#names.schema(desc, this.#file);
    return ["typeof ", this.#file.import(name, from, true)];
  }

  /** `MessageInitShape` and its like. */
  protobufType(name: "MessageInitShape"): ImportSymbol {
    return this.#file.import(name, "@bufbuild/protobuf", true);
  }

  /** A name that someone else has chosen. One of JavaScript's own is imported under an alias. */
  #import(name: string, from: string, typeOnly = false): Printable {
    const symbol = this.#file.import(name, from, typeOnly);
    return GLOBAL_NAMES.has(name) ? [Mark.unseen, this.own(name), Mark.unseen, symbol] : symbol;
  }
}

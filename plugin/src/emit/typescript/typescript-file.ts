import type { DescEnum, DescMessage } from "@bufbuild/protobuf";
import type { GeneratedFile, ImportSymbol } from "@bufbuild/protoplugin";
import { docComment, type Paragraph } from "./doc-comment.js";
import type { GeneratedNames, SchemaDesc } from "./generated-names.js";
import { GLOBAL_NAMES } from "./global-names.js";
import { Mark } from "./layout-marks.js";
import { RUNTIME_SYMBOLS, type RuntimeSymbol, runtimeModule } from "./runtime-symbols.js";

/** Code: text, which may have marks in it for line breaks and for imported names, or pieces of code. */
export type Printable = string | readonly Printable[];

/**
 * A TypeScript file that is being generated.
 *
 * protoplugin finds out what to import, and which imports need an alias. But it keeps each printed piece of each file until
 * all is printed, which is most of the memory that a large run takes. So what is printed is kept here, as text with a number
 * for each imported name, and protoplugin gets to see only the names. See {@link TypeScriptFile.complete}.
 */
export class TypeScriptFile {
  readonly #file: GeneratedFile;
  readonly #path: string;
  readonly #names: GeneratedNames;
  #pieces: string[] = [];
  /** What stands for an imported name in the text. */
  readonly #references = new Map<string, string>();
  readonly #imports: ImportSymbol[] = [];
  /** The names that are declared here, or global. */
  readonly #owned = new Set<string>();

  /** @param path relative to the output folder, without extension: `ledger/v1/errors` */
  constructor(file: GeneratedFile, path: string, names: GeneratedNames) {
    this.#file = file;
    this.#path = path;
    this.#names = names;
  }

  /** Prints a line, or several. A tagged template whose last line is left out prints as many as it has. */
  print(fragments: TemplateStringsArray, ...printables: Printable[]): void {
    for (let index = 0; index < fragments.length; index++) {
      this.#add(fragments[index] ?? "");
      this.#add(printables[index] ?? "");
    }
    this.#pieces.push("\n");
  }

  /** Prints a JSDoc comment, or nothing if no paragraph is left. */
  comment(indentation: string, paragraphs: readonly Paragraph[]): void {
    this.#add(docComment(indentation, paragraphs));
  }

  /** `export class Foo`: names that are exported are never given to an import. */
  export(declaration: string, name: string): Printable {
    return ["export ", declaration, " ", this.own(name)];
  }

  /** A name that is declared here, or global: never given to an import either. */
  own(name: string): Printable {
    this.#owned.add(name);
    return name;
  }

  /** What the runtime exports. */
  runtime(name: RuntimeSymbol): Printable {
    return this.#import(name, runtimeModule(name), RUNTIME_SYMBOLS[name] === "type");
  }

  /** What a generated file exports. In that file itself, it is there without an import. */
  generated(name: string, path: string): Printable {
    return path === this.#path ? name : this.#importChosen(name, `./${path}.js`);
  }

  /** The same, where only its type is used. */
  generatedType(name: string, path: string): Printable {
    return path === this.#path ? name : this.#importChosen(name, `./${path}.js`, true);
  }

  /** What a library exports. */
  library(name: string, from: string): Printable {
    return this.#import(name, from);
  }

  /** The same, where only its type is used. */
  libraryType(name: string, from: string): Printable {
    return this.#import(name, from, true);
  }

  /** The type of a message or of an enum: `TransferRequest`, `Currency`. */
  shape(desc: DescMessage | DescEnum): Printable {
    const { name, from } = this.#names.shape(desc, this.#file);
    return this.#importChosen(name, from, true);
  }

  /** A descriptor: `TransferRequestSchema`, `LedgerService`. */
  schema(desc: SchemaDesc): Printable {
    const { name, from } = this.#names.schema(desc, this.#file);
    return this.#importChosen(name, from);
  }

  /** `typeof TransferRequestSchema` */
  schemaType(desc: DescMessage): Printable {
    const { name, from } = this.#names.schema(desc, this.#file);
    return ["typeof ", this.#import(name, from, true)];
  }

  /** `MessageInitShape` and its like. */
  protobufType(name: "MessageInitShape"): Printable {
    return this.#import(name, "@bufbuild/protobuf", true);
  }

  /** Makes one text of what is printed so far: pieces take several times the memory. */
  compact(): void {
    this.#pieces = [this.#pieces.join("")];
  }

  /**
   * Hands the file over to protoplugin, when everything is printed: first the names that are imported, in the order of their
   * use, each behind its number; then the text. See {@link resolveNames}.
   */
  complete(): void {
    const text = this.#pieces.join("");
    if (text === "") {
      return;
    }
    const used = new Set(text.split(Mark.name).filter((_, index) => index % 2 === 1));
    const names = [...used].flatMap((number) => {
      const symbol = this.#imports[Number(number)];
      return symbol === undefined ? [] : [`${number} `, symbol, " "];
    });
    const owned = [...this.#owned].flatMap((name) => [this.#file.import(name, `./${this.#path}.js`), " "]);
    // protoplugin ends what is printed with a line break.
    this.#file.print(Mark.name, names, owned, Mark.name, text.slice(0, -1));
  }

  #add(printable: Printable): void {
    if (typeof printable === "string") {
      this.#pieces.push(printable);
    } else {
      for (let index = 0; index < printable.length; index++) {
        this.#add(printable[index] ?? "");
      }
    }
  }

  /** A name that someone else has chosen. One of JavaScript's own is imported under an alias. */
  #importChosen(name: string, from: string, typeOnly = false): Printable {
    if (GLOBAL_NAMES.has(name)) {
      this.own(name);
    }
    return this.#import(name, from, typeOnly);
  }

  #import(name: string, from: string, typeOnly = false): Printable {
    const key = `${name} ${typeOnly ? "type" : "value"} ${from}`;
    let reference = this.#references.get(key);
    if (reference === undefined) {
      reference = `${Mark.name}${this.#imports.length}${Mark.name}`;
      this.#references.set(key, reference);
      this.#imports.push(this.#file.import(name, from, typeOnly));
    }
    return reference;
  }
}

/**
 * Puts the names that protoplugin has given to imports where their numbers stand.
 *
 * @param content a file as it was handed over to protoplugin
 */
export function resolveNames(content: string): string {
  const [imports = "", table = "", ...parts] = content.split(Mark.name);
  const words = table.split(" ");
  const names = new Map<string, string>();
  for (let index = 0; index + 1 < words.length; index += 2) {
    names.set(words[index] ?? "", words[index + 1] ?? "");
  }
  return imports + parts.map((part, index) => (index % 2 === 1 ? (names.get(part) ?? part) : part)).join("");
}

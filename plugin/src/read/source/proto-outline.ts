import { readValues, type WrittenField } from "./option-literal.js";
import { type Token, TokenReader, tokensOf } from "./proto-tokens.js";

/** An element of a proto file as it is written. */
export interface WrittenElement {
  /** Its name; of a file, the keyword `package`. */
  readonly name: Token | undefined;
  /** Its options, in their order, with names as they are written: `(accord.v1.method).call.timeout`. */
  readonly options: WrittenField[];
}

/** The kinds of elements whose options are read. */
export type ElementKind = "file" | "message" | "field" | "enum" | "enum_value" | "service" | "rpc";

/** How elements are found: by kind, and names from the outermost: `rpc Ledger.Transfer`. */
export function elementKey(kind: ElementKind, names: readonly string[]): string {
  return `${kind} ${names.join(".")}`;
}

/**
 * Finds the elements of a proto file and their options. It takes for granted that a compiler has understood the text;
 * where it hasn't, something comes out or nothing, but nothing is thrown.
 */
export function outlineOf(text: string): ReadonlyMap<string, WrittenElement> {
  const outline = new Outline(new TokenReader(tokensOf(text)));
  try {
    outline.readFile();
  } catch (error) {
    // Brackets in brackets, deeper than the stack: no compiler has understood that.
    if (!(error instanceof RangeError)) {
      throw error;
    }
  }
  return outline.elements;
}

type BlockKind = "file" | "message" | "enum" | "service" | "rpc" | "other";

class Outline {
  readonly elements = new Map<string, WrittenElement>();
  readonly #reader: TokenReader;

  constructor(reader: TokenReader) {
    this.#reader = reader;
  }

  readFile(): void {
    const file = this.#add("file", [], this.#reader.findWord("package"));
    while (!this.#reader.atEnd) {
      this.#readBlock("file", [], file);
    }
  }

  #add(kind: ElementKind, names: readonly string[], name: Token | undefined): WrittenElement {
    const element = { name, options: [] };
    this.elements.set(elementKey(kind, names), element);
    return element;
  }

  /** Reads statements to the end of the block. */
  #readBlock(kind: BlockKind, names: readonly string[], element: WrittenElement | undefined): void {
    while (!this.#reader.atEnd && !this.#reader.skip("}")) {
      this.#readStatement(kind, names, element);
    }
  }

  #readStatement(kind: BlockKind, names: readonly string[], element: WrittenElement | undefined): void {
    const reader = this.#reader;
    const { text: keyword } = reader.peek();
    const named = reader.peek(1);
    const opens = named.kind === "word" && reader.sees("{", 2);
    if (reader.skip(";")) {
      return;
    }
    if (keyword === "option" && !reader.sees("=", 1)) {
      reader.read();
      const option = this.#readOption();
      element?.options.push(option);
    } else if (opens && (keyword === "message" || keyword === "enum" || keyword === "service")) {
      this.#enter(keyword, [...names, named.text], 3);
    } else if (opens && keyword === "oneof") {
      // Its fields are the message's.
      this.#skipTokens(3);
      this.#readBlock("message", names, undefined);
    } else if (kind === "service" && keyword === "rpc") {
      reader.read();
      this.#readMethod([...names, reader.peek().text]);
    } else {
      this.#readDeclaration(kind, names);
    }
  }

  /** Enters the block of an element whose name is the token before the opening bracket. */
  #enter(kind: "message" | "enum" | "service", names: readonly string[], tokens: number): void {
    const element = this.#add(kind, names, this.#reader.peek(tokens - 2));
    this.#skipTokens(tokens);
    this.#readBlock(kind, names, element);
  }

  #skipTokens(count: number): void {
    for (let read = 0; read < count; read++) {
      this.#reader.read();
    }
  }

  #readMethod(names: readonly string[]): void {
    const method = this.#add("rpc", names, this.#reader.read());
    while (!this.#reader.atEnd && !this.#reader.sees("}")) {
      if (this.#reader.skip(";")) {
        return;
      }
      if (this.#reader.skip("{")) {
        this.#readBlock("rpc", names, method);
        return;
      }
      this.#reader.read();
    }
  }

  /** A field, an enum's value, or something without options of interest. */
  #readDeclaration(kind: BlockKind, names: readonly string[]): void {
    const reader = this.#reader;
    const read: Token[] = [];
    let declared: WrittenElement | undefined;
    while (!reader.atEnd && !reader.sees("}")) {
      if (reader.skip(";")) {
        return;
      }
      if (reader.skip("{")) {
        const group = groupName(read);
        if (kind === "message" && group !== undefined) {
          const message = [...names, group.text];
          this.#readBlock("message", message, this.#add("message", message, group));
        } else {
          // Such as an `extend`.
          this.#readBlock("other", names, undefined);
        }
        return;
      }
      const before = read.at(-1);
      if (reader.sees("=") && declared === undefined && before !== undefined) {
        const element = kind === "message" ? "field" : kind === "enum" ? "enum_value" : undefined;
        declared = element && this.#add(element, [...names, before.text], before);
      }
      if (reader.skip("[")) {
        this.#readBracketed(declared);
      } else {
        read.push(reader.read());
      }
    }
  }

  /** `[deprecated = true, (accord.v1.field).log = {}]`, behind the opening bracket. */
  #readBracketed(element: WrittenElement | undefined): void {
    while (!this.#reader.atEnd && !this.#reader.skip("]")) {
      if (!this.#reader.skip(",", ";")) {
        const option = this.#readOption();
        element?.options.push(option);
      }
    }
  }

  /** `(accord.v1.method).call.timeout = "5s"`. */
  #readOption(): WrittenField {
    const token = this.#reader.peek();
    let name = "";
    while (!this.#reader.atEnd && !this.#reader.sees("=") && !this.#reader.sees(";") && !this.#reader.sees("]")) {
      name += this.#reader.read().text;
    }
    return { name, values: this.#reader.skip("=") ? readValues(this.#reader, token) : [] };
  }
}

/** The name of a group, which is a field and a message in one: `repeated group Result = 1 {`. */
function groupName(declaration: readonly Token[]): Token | undefined {
  const keyword = declaration.findIndex(({ text }) => text === "group");
  return keyword === -1 ? undefined : declaration[keyword + 1];
}

/** A piece of a proto file, and where it begins. Comments and spaces are none. */
export interface Token {
  /** `symbol` is a single character; a `string` is without its quotes, its escapes as they stand. */
  readonly kind: "word" | "string" | "symbol";
  readonly text: string;
  /** 0-based. */
  readonly line: number;
  /** How many UTF-16 code units stand before it in its line. */
  readonly offset: number;
}

// In this order: what is skipped, then a string in either kind of quotes, a word or number (dots excepted), anything else.
const PIECE = /(\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|(\w+)|[\s\S]/gy;

/** Takes the text of a proto file apart. Never fails: what is no proto file gives tokens that nobody can make sense of. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 0;
  let lineStart = 0;
  for (const match of text.matchAll(PIECE)) {
    const [all, skipped, double, single, word] = match;
    if (skipped === undefined) {
      const string = double ?? single;
      const kind = string === undefined ? (word === undefined ? "symbol" : "word") : "string";
      tokens.push({ kind, text: string ?? all, line, offset: match.index - lineStart });
      continue;
    }
    for (let end = skipped.indexOf("\n"); end !== -1; end = skipped.indexOf("\n", end + 1)) {
      line++;
      lineStart = match.index + end + 1;
    }
  }
  return tokens;
}

/** Reads tokens from the first to the last. Behind the last there are empty symbols. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get atEnd(): boolean {
    return this.#next >= this.#tokens.length;
  }

  /** A token that is still to be read. */
  peek(ahead = 0): Token {
    return this.#tokens[this.#next + ahead] ?? END;
  }

  read(): Token {
    const token = this.peek();
    this.#next++;
    return token;
  }

  /** The first token that is this word, read or not. */
  findWord(word: string): Token | undefined {
    return this.#tokens.find(({ kind, text }) => kind === "word" && text === word);
  }

  /** Whether the next token is this symbol. */
  sees(symbol: string, ahead = 0): boolean {
    const { kind, text } = this.peek(ahead);
    return kind === "symbol" && text === symbol;
  }

  /** Reads the next token if it is one of these symbols. */
  skip(...symbols: readonly string[]): boolean {
    const found = symbols.some((symbol) => this.sees(symbol));
    if (found) {
      this.#next++;
    }
    return found;
  }
}

const END: Token = { kind: "symbol", text: "", line: 0, offset: 0 };

/** Collects the pieces of a text of one line, up to a limit. Whoever writes asks {@link TextWriter.full} before it works on. */
export class TextWriter {
  /** How many characters are shown. */
  readonly limit: number;
  #text = "";
  #steps = 0;
  #isCut = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** There is more than is shown: what else is written is lost. */
  get full(): boolean {
    return this.#isCut || this.#text.length > this.limit;
  }

  /** Writes a piece, behind a space if it isn't the first. */
  write(piece: string): void {
    this.#text += this.#text === "" ? piece : ` ${piece}`;
  }

  /** Says that not everything was looked at. */
  cut(): void {
    this.#isCut = true;
  }

  /** Counts a look at something that may leave no trace in the text. `false` when it is time to stop looking. */
  step(): boolean {
    this.#steps += 1;
    if (this.#steps > this.limit) {
      this.#isCut = true;
    }
    return !this.#isCut;
  }

  /** What {@link rollBack} takes back to. */
  get mark(): number {
    return this.#text.length;
  }

  /** Forgets what was written since the mark was taken. */
  rollBack(mark: number): void {
    this.#text = this.#text.slice(0, mark);
  }

  /** The text: cut at the limit, not within a surrogate pair, and ending in `…` if anything is missing. */
  finish(): string {
    if (!this.full) {
      return this.#text;
    }
    const text = this.#text.slice(0, this.limit);
    return `${/[\uD800-\uDBFF]$/.test(text) ? text.slice(0, -1) : text}…`;
  }
}

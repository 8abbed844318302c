/** What a piece of text means; the terminal chooses a colour. */
export type Tone = "plain" | "faint" | "good" | "caution" | "bad" | "title" | "caller" | "ledger" | "payments";

/** The codes of "Select Graphic Rendition" (ECMA-48). */
const CODES: Record<Tone, string> = {
  plain: "",
  faint: "2",
  good: "32",
  caution: "33",
  bad: "31",
  title: "1",
  caller: "1;36",
  ledger: "1;35",
  payments: "1;34",
};

/** Where text goes: as wide as it is, and coloured where colours can be seen. */
export interface Terminal {
  /** How many characters fit on a line. */
  readonly width: number;
  /** Whether a person is looking, rather than a file. */
  readonly interactive: boolean;
  paint(text: string, tone: Tone): string;
  write(text: string): void;
}

/** The terminal behind stdout. `NO_COLOR` and `FORCE_COLOR` are respected. */
export function openTerminal(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Terminal {
  const colours = env.NO_COLOR ? false : env.FORCE_COLOR ? env.FORCE_COLOR !== "0" : stream.isTTY === true;
  return {
    width: Math.max(60, Math.min(stream.columns ?? 100, 180)),
    interactive: stream.isTTY === true,
    paint: (text, tone) => (colours && tone !== "plain" ? `\u001b[${CODES[tone]}m${text}\u001b[0m` : text),
    write: (text) => {
      stream.write(text);
    },
  };
}

/** Breaks text into lines of at most `width` characters, between words where that is possible. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const glued = line === "" ? word : `${line} ${word}`;
    if (glued.length <= width) {
      line = glued;
      continue;
    }
    if (line !== "") {
      lines.push(line);
    }
    // A word that is too long by itself is cut.
    const pieces = word.match(new RegExp(`.{1,${width}}`, "g")) ?? [""];
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? "";
  }
  return [...lines, line];
}

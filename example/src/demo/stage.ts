import { callOf, type LogText, textOf } from "./log-text.js";
import type { LogRecord, ServerProcess } from "./server-process.js";
import { type Terminal, type Tone, wrap } from "./terminal.js";

/** What the caller says about its calls. */
export interface Caller {
  /** It calls. */
  calls(text: string): void;
  /** It got what it wanted. */
  gets(text: string): void;
  /** It was refused, as the contract says. */
  refused(text: string): void;
  /** It thinks aloud. */
  notes(text: string): void;
}

/** How much a chapter shows of the log. */
export interface Detail {
  /** Also the messages that came in. */
  readonly payloads?: boolean;
  /** Also the lines at level debug. */
  readonly debug?: boolean;
}

/** A line of one column; where it is broken, `head` is left blank. */
interface Line {
  readonly head: string;
  readonly text: string;
  readonly tone: Tone;
}

interface LogLine extends Line {
  readonly by: "ledger" | "payments";
}

/** From this width on, the caller and the servers stand side by side. */
const SIDE_BY_SIDE = 130;
/** How long the servers must have been silent before their lines count as complete, in milliseconds. */
const SILENCE_MS = 80;
const PATIENCE_MS = 3_000;
/** pino's number for the level. */
const DEBUG = 20;

/** Shows the demo's chapters: what the caller saw, and what the servers logged meanwhile. */
export class Stage {
  readonly #terminal: Terminal;
  readonly #servers: readonly ServerProcess[];
  readonly #shown = new Map<ServerProcess, number>();
  #chapters = 0;

  constructor(terminal: Terminal, servers: readonly ServerProcess[]) {
    this.#terminal = terminal;
    this.#servers = servers;
    this.#skip();
  }

  /** Plays a chapter and shows it. */
  async chapter(
    title: string,
    about: string,
    play: (caller: Caller) => Promise<void>,
    detail: Detail = {},
  ): Promise<void> {
    const { write, paint, width } = this.#terminal;
    this.#chapters += 1;
    write(`\n${paint(`${this.#chapters}. ${title}`, "title")}\n`);
    for (const line of wrap(about, Math.min(width, 110) - 3)) {
      write(`   ${paint(line, "faint")}\n`);
    }
    const caller: Line[] = [];
    const say = (mark: string, tone: Tone) => (text: string) => {
      caller.push({ head: `${mark} `, text, tone });
    };
    // What was logged in preparation isn't part of it.
    await this.#silence();
    this.#skip();
    try {
      await play({
        calls: say("→", "plain"),
        gets: say("←", "good"),
        refused: say("←", "caution"),
        notes: say(" ", "faint"),
      });
    } finally {
      // Also when something went wrong: this is what helps to find out what.
      await this.#silence();
      this.#show(caller, this.#logLines(detail));
    }
  }

  #show(caller: readonly Line[], log: readonly LogLine[]): void {
    this.#terminal.write("\n");
    if (this.#terminal.width < SIDE_BY_SIDE) {
      this.#showStacked(caller, log);
    } else {
      this.#showSideBySide(caller, log);
    }
  }

  #showStacked(caller: readonly Line[], log: readonly LogLine[]): void {
    const { write, paint, width } = this.#terminal;
    const room = width - 12;
    for (const { by, ...line } of [...caller.map((line) => ({ ...line, by: "caller" as const })), ...log]) {
      for (const text of broken(line, room)) {
        write(` ${paint(by.padEnd(8), by)} │ ${paint(text, line.tone)}\n`);
      }
    }
  }

  #showSideBySide(caller: readonly Line[], log: readonly LogLine[]): void {
    const { write, paint, width } = this.#terminal;
    const left = Math.floor((width - 4) * 0.42);
    const right = width - 4 - left - 9;
    const said = caller.flatMap((line) => broken(line, left).map((text) => ({ text, tone: line.tone })));
    const logged = log.flatMap((line) => broken(line, right).map((text) => ({ text, tone: line.tone, by: line.by })));
    write(` ${paint("what the caller saw".padEnd(left), "caller")} │ ${paint("what the servers logged", "ledger")}\n`);
    for (let row = 0; row < Math.max(said.length, logged.length); row++) {
      const { text, tone } = said[row] ?? { text: "", tone: "plain" };
      const end = logged[row];
      const logText = end ? ` ${paint(end.by.padEnd(8), end.by)} ${paint(end.text, end.tone)}` : "";
      write(` ${paint(text.padEnd(left), tone)} │${logText}\n`);
    }
  }

  #logLines({ payloads = false, debug = false }: Detail): LogLine[] {
    const lines: { record: LogRecord; text: LogText; by: LogLine["by"] }[] = [];
    for (const server of this.#servers) {
      const from = this.#shown.get(server) ?? 0;
      const by = server.name === "ledger-server" ? "ledger" : "payments";
      for (const [index, record] of server.log.entries()) {
        if (index >= from && (debug || record.level > DEBUG)) {
          lines.push({ record, by, text: textOf(record, beginning(server.log, index), payloads) });
        }
      }
    }
    this.#skip();
    lines.sort((a, b) => a.record.time - b.record.time);
    const eventWidth = Math.max(0, ...lines.map(({ text }) => text.event.length));
    return lines.map(({ text: { event, details, tone }, by }) => ({
      by,
      tone,
      head: `${event.padEnd(eventWidth)}  `,
      text: details,
    }));
  }

  // What has been logged so far isn't shown again.
  #skip(): void {
    for (const server of this.#servers) {
      this.#shown.set(server, server.log.length);
    }
  }

  // A server's last line may come after its answer, and through another pipe.
  async #silence(): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    let count = -1;
    let quietSince = Date.now();
    while (Date.now() < deadline) {
      const now = this.#servers.reduce((sum, { log }) => sum + log.length, 0);
      if (now !== count) {
        count = now;
        quietSince = Date.now();
      } else if (Date.now() - quietSince >= SILENCE_MS && this.#servers.every(({ log }) => allEnded(log))) {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

function broken({ head, text }: Line, width: number): string[] {
  return wrap(text, width - head.length).map((part, index) =>
    `${index === 0 ? head : " ".repeat(head.length)}${part}`.trimEnd(),
  );
}

function allEnded(log: readonly LogRecord[]): boolean {
  return log.reduce((open, record) => open + (callOf(record)?.end ? -1 : callOf(record) ? 1 : 0), 0) === 0;
}

/** The line that began the call which the line at `index` ends. */
function beginning(log: readonly LogRecord[], index: number): LogRecord | undefined {
  const end = log[index];
  const call = end && callOf(end);
  if (!call?.end) {
    return undefined;
  }
  return log.slice(0, index).findLast((record) => {
    const other = callOf(record);
    return other !== undefined && !other.end && other.method === call.method && record.request_id === end?.request_id;
  });
}

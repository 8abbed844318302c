import type { DescField, DescFile, DescMessage } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { type LogMark, Mask } from "../read/options.js";
import type { RawField, RawFile } from "../read/raw-contract.js";
import { isRedacted } from "../read/redaction.js";
import { isUnwrapped } from "./log-path.js";

/** A marked field, as it is reached from a request. */
export interface MarkedPath {
  readonly fields: readonly DescField[];
  readonly mark: LogMark;
  readonly raw: RawField;
}

/** The marked fields of a message and of what is nested in it. */
export interface MessageMarks {
  readonly paths: readonly MarkedPath[];
  /** There are more than a log line should have: `paths` isn't complete. */
  readonly tooMany: boolean;
}

/** The most marked fields that one request may have. */
export const MOST_MARKS = 64;

// Messages that refer to each other reach a field in exponentially many ways: the walk has to end before the marks do.
const MOST_VISITS = 10_000;

const NO_MARKS: MessageMarks = { paths: [], tooMany: false };

/** Finds the marked fields of requests. */
export class LogMarks {
  readonly #marked = new Map<DescField, RawField>();
  /** The messages with a marked field, and those through which they are reached. */
  readonly #leading: ReadonlySet<DescMessage>;
  readonly #known = new Map<DescMessage, MessageMarks>();

  constructor(files: readonly RawFile[]) {
    for (const file of files) {
      for (const field of file.fields) {
        if (field.options.log !== undefined) {
          this.#marked.set(field.desc, field);
        }
      }
    }
    this.#leading = this.#marked.size > 0 ? messagesThatLeadTo(this.#marked.keys(), files) : new Set();
  }

  /** The marked fields that a message reaches through singular fields. What is behind a redacted field isn't reached. */
  of(message: DescMessage): MessageMarks {
    if (!this.#leading.has(message)) {
      return NO_MARKS;
    }
    let marks = this.#known.get(message);
    if (marks === undefined) {
      const walk = { paths: [], visits: 0, tooMany: false };
      this.#walk(message, [], new Set(), walk);
      marks = { paths: walk.paths, tooMany: walk.tooMany };
      this.#known.set(message, marks);
    }
    return marks;
  }

  /**
   * The fields with a mark that masks or drops, in messages and in all that can be in them: in lists and maps too, and in an
   * `Any` of whatever type the messages' files and their imports define.
   */
  maskedWithin(messages: readonly DescMessage[]): ReadonlySet<DescField> {
    const masked = new Set<DescField>();
    if (![...this.#marked.values()].some(isMasked)) {
      return masked;
    }
    const seen = new Set<DescMessage>();
    const open = [...messages];
    for (let message = open.pop(); message !== undefined; message = open.pop()) {
      if (seen.has(message)) {
        continue;
      }
      seen.add(message);
      if (message.typeName === "google.protobuf.Any") {
        open.push(...messages.flatMap(({ file }) => messagesOf(file)));
      }
      for (const field of message.fields) {
        const raw = this.#marked.get(field);
        if (raw !== undefined && isMasked(raw)) {
          masked.add(field);
        }
        if (field.message !== undefined) {
          open.push(field.message);
        }
      }
    }
    return masked;
  }

  #walk(
    message: DescMessage,
    path: readonly DescField[],
    above: Set<DescMessage>,
    walk: { paths: MarkedPath[]; visits: number; tooMany: boolean },
  ): void {
    if (above.has(message) || !this.#leading.has(message)) {
      return;
    }
    above.add(message);
    for (const field of message.fields) {
      if (walk.tooMany) {
        break;
      }
      if (++walk.visits > MOST_VISITS) {
        walk.tooMany = true;
      }
      const raw = this.#marked.get(field);
      if (raw?.options.log !== undefined) {
        walk.paths.push({ fields: [...path, field], mark: raw.options.log, raw });
        walk.tooMany ||= walk.paths.length > MOST_MARKS;
      }
      if (isCrossed(field)) {
        this.#walk(field.message, [...path, field], above, walk);
      }
    }
    above.delete(message);
  }
}

function isMasked({ options }: RawField): boolean {
  return options.log !== undefined && options.log.mask !== Mask.UNSPECIFIED;
}

/** The messages that a file and those that it imports define. */
function messagesOf(root: DescFile): DescMessage[] {
  const files = new Set([root]);
  for (const file of files) {
    for (const imported of file.dependencies) {
      files.add(imported);
    }
  }
  return [...files].flatMap((file) => [...nestedTypes(file)].filter((type) => type.kind === "message"));
}

function isCrossed(field: DescField): field is DescField & { fieldKind: "message" } {
  return field.fieldKind === "message" && !isUnwrapped(field) && !isRedacted(field);
}

function messagesThatLeadTo(marked: Iterable<DescField>, files: readonly RawFile[]): ReadonlySet<DescMessage> {
  const users = new Map<DescMessage, DescMessage[]>();
  const visit = (message: DescMessage): void => {
    for (const field of message.fields) {
      if (isCrossed(field)) {
        const known = users.get(field.message);
        if (known === undefined) {
          users.set(field.message, [message]);
        } else {
          known.push(message);
        }
      }
    }
    message.nestedMessages.forEach(visit);
  };
  for (const file of files) {
    file.desc.messages.forEach(visit);
  }
  const leading = new Set<DescMessage>();
  const open = [...marked].map((field) => field.parent);
  for (let message = open.pop(); message !== undefined; message = open.pop()) {
    if (!leading.has(message)) {
      leading.add(message);
      open.push(...(users.get(message) ?? []));
    }
  }
  return leading;
}

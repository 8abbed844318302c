import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { LogMark } from "../read/options.js";
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

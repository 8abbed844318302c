import type { Message } from "@bufbuild/protobuf";
import { lineText } from "../contract/line-text.js";
import { fieldText } from "./field-text.js";
import { nameOfMessage, type ShowMessage } from "./shown-message.js";

/**
 * An error as it is logged: its name, message, stack, code and causes, each cut at a limit and fit for a line. Whatever else
 * it carries (the request, a driver's whole query) isn't there. It is an Error, so that loggers treat it as one.
 */
export class LoggedError extends Error {
  declare readonly stack: string;
  declare readonly code?: string | number;
  declare readonly cause?: LoggedError;
  /** What an AggregateError has; as there, not enumerable. */
  declare readonly errors?: readonly LoggedError[];

  static {
    // pino names an error's type by its constructor, and by its name if it has none.
    Object.defineProperty(LoggedError.prototype, "constructor", { value: undefined });
  }

  constructor(name: string, message: string, more: LoggedErrorInit = {}) {
    super();
    const { stack = `${name}: ${message}`, code, cause, errors } = more;
    // Enumerable, for loggers that know nothing of errors.
    for (const [key, value] of Object.entries({ name, message, stack, code, cause })) {
      if (value !== undefined) {
        Object.defineProperty(this, key, { value, enumerable: true });
      }
    }
    if (errors !== undefined) {
      Object.defineProperty(this, "errors", { value: errors });
    }
  }
}

/** What an error may have beside its name and message. */
interface LoggedErrorInit {
  readonly stack?: string | undefined;
  readonly code?: string | number | undefined;
  readonly cause?: LoggedError | undefined;
  readonly errors?: readonly LoggedError[] | undefined;
}

const MAX_NAME_BYTES = 128;
const MAX_STACK_CHARACTERS = 4096;
// How many errors one line tells of: causes of causes, and those of an AggregateError.
const MAX_ERRORS = 8;

/**
 * What was thrown, as it is logged. Never throws, whatever it is: a proxy, a getter that throws, a cycle.
 *
 * @param show shows protobuf messages that were thrown, or are causes. Default: their type
 */
export function loggedError(thrown: unknown, show: ShowMessage = nameOfMessage): LoggedError {
  return new ErrorReader(show).read(thrown, "Something that isn't an Error was thrown");
}

class ErrorReader {
  readonly #show: ShowMessage;
  readonly #seen = new Set<unknown>();

  constructor(show: ShowMessage) {
    this.#show = show;
  }

  read(thrown: unknown, otherwise: string): LoggedError {
    try {
      return isErrorLike(thrown) ? this.#error(thrown) : this.#value(thrown, otherwise);
    } catch {
      return new LoggedError("Error", "Something was thrown that can't be looked at");
    }
  }

  #error(error: object): LoggedError {
    this.#seen.add(error);
    const rawMessage = property(error, "message");
    const message = typeof rawMessage === "string" ? fieldText(rawMessage) : "";
    return new LoggedError(fieldText(nameOf(error), MAX_NAME_BYTES), message, {
      stack: stackText(
        property(error, "stack"),
        nameOf(error),
        typeof rawMessage === "string" ? rawMessage : "",
        message,
      ),
      code: codeOf(error),
      cause: this.#cause(property(error, "cause")),
      errors: this.#errors(property(error, "errors")),
    });
  }

  #value(thrown: unknown, otherwise: string): LoggedError {
    const shown = isMessage(thrown) ? this.#show(thrown) : valueText(thrown);
    const code = typeof thrown === "object" && thrown !== null && !isMessage(thrown) ? codeOf(thrown) : undefined;
    return new LoggedError("Error", fieldText(`${otherwise}: ${shown}`), { code });
  }

  #cause(cause: unknown): LoggedError | undefined {
    if (cause === undefined || cause === null || this.#seen.has(cause) || this.#seen.size >= MAX_ERRORS) {
      return undefined;
    }
    return this.read(cause, "Not an Error");
  }

  #errors(errors: unknown): LoggedError[] | undefined {
    if (!Array.isArray(errors)) {
      return undefined;
    }
    const read: LoggedError[] = [];
    for (let i = 0; i < errors.length && this.#seen.size < MAX_ERRORS; i += 1) {
      const error = property(errors, i);
      if (!this.#seen.has(error)) {
        // What isn't an error counts too.
        this.#seen.add(error);
        read.push(this.read(error, "Not an Error"));
      }
    }
    return read;
  }
}

function isErrorLike(thrown: unknown): thrown is object {
  return (
    thrown instanceof Error ||
    (typeof thrown === "object" &&
      thrown !== null &&
      !isMessage(thrown) &&
      typeof property(thrown, "message") === "string")
  );
}

function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null && typeof property(value, "$typeName") === "string";
}

function property(object: object, key: PropertyKey): unknown {
  try {
    return Reflect.get(object, key);
  } catch {
    return undefined;
  }
}

/** The name that the error's class has given it, else that of the class. */
function nameOf(error: object): string {
  const name = property(error, "name");
  const own = typeof name === "string" ? name : "";
  return own !== "" && own !== "Error" ? own : (classOf(error) ?? "Error");
}

function classOf(object: object): string | undefined {
  const maker = property(object, "constructor");
  const name = typeof maker === "function" ? property(maker, "name") : undefined;
  return typeof name === "string" && name !== "" ? name : undefined;
}

function codeOf(error: object): string | number | undefined {
  const code = property(error, "code");
  return typeof code === "string" ? fieldText(code, MAX_NAME_BYTES) : typeof code === "number" ? code : undefined;
}

/** A value that isn't an error. What objects hold isn't looked at: nobody says which of it is secret. */
function valueText(value: unknown): string {
  if (typeof value === "function") {
    return "a function";
  }
  if (typeof value !== "object" || value === null) {
    return String(value);
  }
  const name = classOf(value);
  return name === undefined ? "an object" : `an object of the class ${name}`;
}

/**
 * A stack, with the message in it as it is logged. V8 writes the message as it is, so that only frames may begin lines of
 * their own.
 */
function stackText(stack: unknown, rawName: string, rawMessage: string, message: string): string | undefined {
  if (typeof stack !== "string" || stack === "") {
    return undefined;
  }
  // Above the frames stand a name and the message. Either may have been changed since.
  const above = stack.slice(0, MAX_NAME_BYTES + rawName.length + rawMessage.length);
  const at = rawMessage === "" ? -1 : above.indexOf(rawMessage);
  const head = at < 0 ? "" : fieldText(stack.slice(0, at), MAX_NAME_BYTES) + message;
  const rest = at < 0 ? stack : stack.slice(at + rawMessage.length);
  const lines = rest.slice(0, MAX_STACK_CHARACTERS).split(/\n(?=\s+at )/);
  return head + lines.map(lineText).join("\n") + (rest.length > MAX_STACK_CHARACTERS ? "…" : "");
}

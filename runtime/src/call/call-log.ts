import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { Metadata } from "@grpc/grpc-js";
import { type Context, isSpanContextValid, context as telemetry, trace } from "@opentelemetry/api";
import { levelEnabled } from "../log/bound-logger.js";
import { fieldText, MAX_FIELD_BYTES } from "../log/field-text.js";
import type { LogFields, LogValue } from "../log/log-fields.js";
import { loggedError } from "../log/logged-error.js";
import type { Logger, LogLevel } from "../log/logger.js";
import { payloadText } from "../log/payload-text.js";
import { messageShower, nameOfMessage, type ShowMessage } from "../log/shown-message.js";
import { Status, statusName } from "../wire/status.js";
import { type LogPolicy, samplerOf } from "./log-policy.js";
import { REQUEST_ID_KEY } from "./request-id.js";

/** What is logged of a method's messages beside the messages themselves. */
export interface LogContext {
  readonly request?: ((request: never) => LogFields) | undefined;
  readonly response?: ((response: never) => LogFields) | undefined;
  /** What goes before the keys on spans: `<prefix>.<key>`. Default: the package without its version. */
  readonly prefix?: string | undefined;
  /** Fields that payloads show as `[REDACTED]` beside those with `debug_redact`, by their full names. */
  readonly redact?: ReadonlySet<string> | undefined;
  /** How the lines are written, as the contract says. */
  readonly policy?: LogPolicy | undefined;
}

/** A method as its log lines name it: made once per method. */
export interface LoggedMethod {
  readonly desc: DescMethod;
  readonly path: string;
  readonly requestLine: string;
  readonly responseLine: string;
  readonly streamsRequests: boolean;
  readonly streamsResponses: boolean;
  readonly prefix: string;
}

/** Names a method's log lines: `transfer.request`, `transfer.response`. */
export function loggedMethod(desc: DescMethod): LoggedMethod {
  const known = loggedMethods.get(desc);
  if (known !== undefined) {
    return known;
  }
  const made: LoggedMethod = {
    desc,
    path: `/${desc.parent.typeName}/${desc.name}`,
    requestLine: `${desc.localName}.request`,
    responseLine: `${desc.localName}.response`,
    streamsRequests: desc.methodKind === "client_streaming" || desc.methodKind === "bidi_streaming",
    streamsResponses: desc.methodKind === "server_streaming" || desc.methodKind === "bidi_streaming",
    prefix: desc.parent.file.proto.package.replace(/\.v\d+[a-z0-9]*$/, ""),
  };
  loggedMethods.set(desc, made);
  return made;
}

const loggedMethods = new WeakMap<DescMethod, LoggedMethod>();

/** Where a call came from, as far as its log lines say. */
export interface LoggedCaller {
  readonly peer: string;
  readonly requestMetadata: Metadata | undefined;
  /** The call's request id, if it has one beside that of the metadata. */
  readonly requestId?: string | undefined;
}

/** How a call ended, for its `.response` line. */
export interface LoggedEnd {
  readonly status: Status;
  readonly level: LogLevel;
  readonly durationMs: number;
  /** How many messages came and went. They are logged where they are streamed. */
  readonly requests: number;
  readonly responses: number;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly errorId?: string | undefined;
  readonly undeclared?: boolean | undefined;
  readonly err?: unknown;
}

/** How a server's calls are logged. */
export interface LogSettings {
  readonly logger: Logger;
  /** The characters of a payload that are logged; 0: none. */
  readonly payloadLimit: number;
  /** Logs everything at debug: for calls that nobody wants to read about, such as health probes. */
  readonly quiet: boolean;
  /** Whether a call has a line for its request. */
  readonly hasRequestLine: boolean;
  /** The level of what is logged before a call has failed. */
  readonly level: LogLevel;
  /** Whether a call that ends with OK is logged; `undefined`: each is. */
  readonly samples: (() => boolean) | undefined;
}

/** How calls are logged by a policy. To be made once per method. */
export function logSettings(logger: Logger, payloadLimit: number, policy: LogPolicy = {}, quiet = false): LogSettings {
  return {
    ...{ logger, quiet },
    payloadLimit: policy.payload === false ? 0 : payloadLimit,
    hasRequestLine: policy.lines !== "response",
    level: policy.level ?? "info",
    samples: samplerOf(policy),
  };
}

/** The two lines of a call, and the log context that is on both. Each line is written once, whoever asks. */
export class CallLog {
  /** The log context as it is bound to lines: grows when the first request is known. */
  readonly fields: Record<string, unknown> = {};
  readonly #method: LoggedMethod;
  readonly #settings: LogSettings;
  readonly #caller: LoggedCaller;
  #contexts: readonly LogContext[];
  #redact: ReadonlySet<string>;
  #peer: string | undefined;
  #requestId: unknown;
  #requestIdText = "";
  #first: Message | undefined;
  #answer: Message | undefined;
  #telemetry: Context | undefined;
  #requestKnown = false;
  #responseWritten = false;
  /** The request's line isn't written, until the call fails. */
  #isHeldBack: boolean;

  constructor(method: LoggedMethod, settings: LogSettings, caller: LoggedCaller, context: LogContext | undefined) {
    this.#method = method;
    this.#settings = settings;
    this.#caller = caller;
    this.#contexts = context === undefined ? NO_CONTEXTS : [context];
    this.#redact = context?.redact ?? NOTHING;
    this.#isHeldBack = settings.samples?.() === false;
  }

  /** Shows protobuf messages that are in errors and log fields: as payloads are shown, or their type where none are. */
  get show(): ShowMessage {
    const { input, output } = this.#method.desc;
    return this.#settings.payloadLimit > 0 ? messageShower([input.file, output.file], this.#redact) : nameOfMessage;
  }

  /** Knows the call's span: its ids are on the lines, and the log context becomes its attributes. */
  traceIn(context: Context): void {
    this.#telemetry = context;
    const span = trace.getSpanContext(context);
    if (span !== undefined && isSpanContextValid(span)) {
      this.fields.trace_id = span.traceId;
      this.fields.span_id = span.spanId;
    }
  }

  /** Adds a log context, for the lines that are still to come. */
  addContext(context: LogContext): void {
    if (!this.#contexts.includes(context)) {
      this.#contexts = [...this.#contexts, context];
      if (context.redact !== undefined) {
        this.#redact = new Set([...this.#redact, ...context.redact]);
      }
      if (this.#first !== undefined && context.request !== undefined) {
        this.#bind(context, context.request, this.#first);
      }
    }
  }

  /**
   * Knows the request, and writes the `.request` line.
   *
   * @param message the request, or the first of a stream; `undefined` if none came
   */
  request(message: Message | undefined): void {
    if (this.#requestKnown) {
      return;
    }
    this.#requestKnown = true;
    this.#first = message;
    if (message !== undefined) {
      for (const context of this.#contexts) {
        if (context.request !== undefined) {
          this.#bind(context, context.request, message);
        }
      }
    }
    if (!this.#isHeldBack) {
      this.#writeRequest();
    }
  }

  #writeRequest(): void {
    const { hasRequestLine, level } = this.#settings;
    if (hasRequestLine && this.#writes(level)) {
      const fields = this.#fields();
      const payload = this.#first && this.#payload(this.#method.desc.input, this.#first);
      if (payload !== undefined) {
        fields.payload = payload;
      }
      this.#write(level, this.#method.requestLine, fields);
    }
  }

  /** Whether {@link answer} has a use for the response, as it looks now. */
  get readsAnswer(): boolean {
    return (
      this.#contexts.some(({ response }) => response !== undefined) ||
      (this.#settings.payloadLimit > 0 && !this.#isHeldBack && this.#writes(this.#settings.level))
    );
  }

  /** Knows the only response, for the `.response` line of a call that ends well. */
  answer(message: Message | undefined): void {
    this.#answer = message;
    if (message !== undefined) {
      for (const context of this.#contexts) {
        if (context.response !== undefined) {
          this.#bind(context, context.response, message);
        }
      }
    }
  }

  /** Writes the `.response` line, and before it the `.request` line if no request came, or if it was held back in vain. */
  response(end: LoggedEnd): void {
    if (this.#responseWritten) {
      return;
    }
    this.request(this.#first);
    this.#responseWritten = true;
    const isOk = end.status === Status.OK;
    if (this.#isHeldBack) {
      if (isOk) {
        return;
      }
      this.#writeRequest();
    }
    const level = isOk ? this.#settings.level : end.level;
    if (this.#writes(level)) {
      this.#write(level, this.#method.responseLine, this.#endFields(end));
    }
  }

  #writes(level: LogLevel): boolean {
    return levelEnabled(this.#settings.logger, this.#settings.quiet ? "debug" : level);
  }

  #write(level: LogLevel, line: string, fields: object): void {
    const { logger, quiet } = this.#settings;
    const own = quiet ? "debug" : level;
    if (this.#telemetry === undefined) {
      logger[own](fields, line);
    } else {
      // For loggers that ask OpenTelemetry themselves.
      telemetry.with(this.#telemetry, () => logger[own](fields, line));
    }
  }

  /** What is on both lines: the log context, and which call this is. */
  #fields(): Record<string, unknown> {
    const fields: Record<string, unknown> = {};
    // Not `{ ...this.fields }`: V8 is twenty times slower at adding keys to a spread copy.
    for (const key in this.fields) {
      fields[key] = this.fields[key];
    }
    if (fields.request_id === undefined) {
      // Making an id costs something, so nobody is asked for one that isn't needed.
      const requestId = this.#caller.requestId ?? this.#caller.requestMetadata?.get(REQUEST_ID_KEY)[0];
      if (requestId !== undefined) {
        fields.request_id = this.#idText(requestId);
      }
    }
    fields.service = this.#method.desc.parent.typeName;
    fields.path = this.#method.path;
    this.#peer ??= fieldText(this.#caller.peer);
    fields.peer = this.#peer;
    return fields;
  }

  /** Both lines have the same id, unless a handler has set another one meanwhile. */
  #idText(requestId: string | Buffer): string {
    if (requestId !== this.#requestId) {
      this.#requestId = requestId;
      this.#requestIdText = fieldText(String(requestId));
    }
    return this.#requestIdText;
  }

  // Only what there is becomes a key: a line is read far more often than this code.
  #endFields(end: LoggedEnd): object {
    const { desc, streamsRequests, streamsResponses } = this.#method;
    const fields = this.#fields();
    fields.status = statusName(end.status);
    if (end.code !== undefined) {
      fields.code = fieldText(end.code);
    }
    fields.duration_ms = Math.round(end.durationMs * 1000) / 1000;
    if (streamsRequests) {
      fields.requests = end.requests;
    }
    if (streamsResponses) {
      fields.responses = end.responses;
    }
    if (end.message !== undefined) {
      fields.error = fieldText(end.message);
    }
    if (end.errorId !== undefined) {
      fields.error_id = end.errorId;
    }
    if (end.undeclared) {
      fields.undeclared = true;
    }
    if (end.err !== undefined) {
      fields.err = loggedError(end.err, this.show);
    }
    const answer = end.status === Status.OK ? this.#answer : undefined;
    const payload = answer && this.#payload(desc.output, answer);
    if (payload !== undefined) {
      fields.payload = payload;
    }
    return fields;
  }

  #payload(desc: DescMethod["input"], message: Message): string | undefined {
    if (this.#settings.payloadLimit <= 0) {
      return undefined;
    }
    try {
      return payloadText(desc, message, this.#settings.payloadLimit, this.#redact);
    } catch (error) {
      return `(can't be shown: ${loggedError(error).message})`;
    }
  }

  #bind(context: LogContext, read: (message: never) => LogFields, message: Message): void {
    const prefix = context.prefix ?? this.#method.prefix;
    const span = trace.getSpan(this.#telemetry ?? telemetry.active());
    try {
      for (const [key, raw] of Object.entries(read(message as never))) {
        const value = loggable(raw);
        if (value !== undefined) {
          this.fields[key] = value;
          span?.setAttribute(prefix === "" ? key : `${prefix}.${key}`, value);
        }
      }
    } catch (error) {
      // The log context is code of the user's, and the call goes on without it.
      this.fields.log_context_error = loggedError(error, this.show).message;
    }
  }
}

const NOTHING: ReadonlySet<string> = new Set();
const NO_CONTEXTS: readonly LogContext[] = [];

// What comes in a field is the caller's to choose, and goes out on both lines and the span. Neither JSON nor spans know
// bigints and bytes: as in protobuf's JSON, they become text.
function loggable(value: LogValue): string | number | boolean | undefined {
  if (typeof value === "bigint") {
    return value.toString();
  }
  if (value instanceof Uint8Array) {
    return Buffer.from(value.subarray(0, MAX_FIELD_BYTES)).toString("base64");
  }
  return typeof value === "string" ? fieldText(value) : value;
}

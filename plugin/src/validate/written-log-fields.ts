import type { LogField } from "../read/options.js";
import type { OptionPlace } from "../read/place.js";
import type { RawMethod } from "../read/raw-contract.js";
import { loggedMessage } from "../resolve/log-fields.js";
import { type LogPathReading, readLogPath } from "../resolve/log-path.js";
import type { ResolvedContract } from "../resolve/resolved-contract.js";
import { annotatedServices } from "./elements.js";

/** A log field where it is written: on a method, or on a service for those of its methods that have the path. */
export interface WrittenLogField {
  readonly field: LogField;
  readonly at: OptionPlace<LogField>;
  /** The methods that it may hold for. */
  readonly methods: readonly RawMethod[];
  /** `TransferRequest`, or `a request of LedgerService`. */
  readonly subject: string;
  /** Written on a service. */
  readonly shared: boolean;
}

/** Each log field as it is written. */
export function* writtenLogFields(contract: ResolvedContract): Generator<WrittenLogField> {
  for (const { raw } of annotatedServices(contract)) {
    const { log } = raw.options;
    for (const [index, field] of log.entries()) {
      const at = raw.at.at("log", { index, of: log.length });
      const subject = `${field.onResponse ? "response" : "request"} of ${raw.desc.name}`;
      yield { field, at, methods: raw.methods, subject, shared: true };
    }
    for (const method of raw.methods) {
      const { log } = method.options;
      for (const [index, field] of log.entries()) {
        const at = method.at.at("log", { index, of: log.length });
        const subject = (field.onResponse ? method.desc.output : method.desc.input).name;
        yield { field, at, methods: [method], subject, shared: false };
      }
    }
  }
}

/** What the path of a log field comes to in one method. */
export interface MethodReading {
  readonly method: RawMethod;
  /** Undefined if the method has no such message: a streamed response isn't read. */
  readonly reading: LogPathReading | undefined;
}

/** Follows the path of a log field in each of its methods. */
export function readingsOf({ field, methods }: WrittenLogField): MethodReading[] {
  return methods.map((method) => {
    const message = loggedMessage(field, method);
    return { method, reading: message === undefined ? undefined : readLogPath(message, field.path) };
  });
}

const BY_USE = ["value", "repeated", "message", "unknown"] as const;

/**
 * What the path of a log field comes to: what serves best, since a service's field holds only where there is the path.
 *
 * @returns undefined if there is nothing to read: no method, or only streamed responses
 */
export function bestReading(written: WrittenLogField): LogPathReading | undefined {
  const readings = readingsOf(written).map(({ reading }) => reading);
  for (const kind of BY_USE) {
    const found = readings.find((reading) => reading?.kind === kind);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

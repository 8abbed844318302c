import { nearest } from "../../contract/nearest-name.js";
import { type Status, statusName } from "../../wire/status.js";
import type { Answer, Step } from "./answer.js";
import type { MockedMethodContract } from "./contract.js";
import { durationOf } from "./duration-text.js";
import { FAULT_NAMES, type FaultName, faultNamed } from "./fault.js";

/** The key of the metadata by which a caller says what it wants to be answered. */
export const DIRECTIVE_KEY = "x-accord-mock";

/** A directive that can't be followed. The text is for whoever wrote it. */
export class DirectiveError extends Error {
  override readonly name = "DirectiveError";
}

/**
 * Reads what a caller asks for: `error=INSUFFICIENT_FUNDS balance=3`, `status=UNAVAILABLE message="try later"`, `delay=200ms`,
 * `fault=reset`. Of `error`, `status` and `fault` one; whatever else stands there is metadata of the error.
 *
 * @throws {DirectiveError} if it names what the contract doesn't have
 */
export function readDirective(text: string, method: MockedMethodContract): Step {
  const words = pairsOf(text);
  const { error, status, fault, delay, message, ...metadata } = words;
  if ([error, status, fault].filter((word) => word !== undefined).length > 1) {
    throw new DirectiveError(`Of error, status and fault one can be asked for: ${text}`);
  }
  const delayMs = delay === undefined ? undefined : durationOf(delay);
  if (delay !== undefined && delayMs === undefined) {
    throw new DirectiveError(`delay=${delay} is no duration: 200ms, 1.5s`);
  }
  if (error === undefined) {
    const [extra] = Object.keys(metadata);
    if (extra !== undefined) {
      throw new DirectiveError(`There is no ${extra}.${hint(extra, WORDS)} There are ${WORDS.join(", ")}.`);
    }
  }
  const answer =
    error !== undefined
      ? errorAnswer(method, error, metadata, message)
      : status !== undefined
        ? ({ kind: "status", status: statusNamed(status), message: message ?? status } as const)
        : fault !== undefined
          ? ({ kind: "fault", fault: faultNamed(knownFault(fault)) } as const)
          : undefined;
  return { ...(delayMs !== undefined && { delayMs }), ...(answer && { answer }) };
}

const WORDS = ["error", "status", "fault", "delay", "message"];

// Without a prototype: what is given is anybody's.
function pairsOf(text: string): Readonly<Partial<Record<string, string>>> {
  const pairs: Partial<Record<string, string>> = Object.create(null);
  const rest = text.replace(/([\w.-]+)=(?:"([^"]*)"|(\S*))/g, (_, key: string, quoted?: string, plain?: string) => {
    pairs[key] = quoted ?? plain ?? "";
    return "";
  });
  if (rest.trim() !== "") {
    throw new DirectiveError(`${DIRECTIVE_KEY} is a list of key=value or key="a value"; this is none: ${rest.trim()}`);
  }
  return { ...pairs };
}

function errorAnswer(
  method: MockedMethodContract,
  code: string,
  given: Readonly<Partial<Record<string, string>>>,
  message: string | undefined,
): Answer {
  const entry = method.errors.get(code);
  if (entry === undefined) {
    const codes = [...method.errors.keys()];
    throw new DirectiveError(
      `${method.path} declares no error ${code}.${hint(code, codes)} ${codes.length === 0 ? "It declares none." : `It declares ${codes.join(", ")}.`}`,
    );
  }
  const metadata: Record<string, string> = {};
  for (const [key, value = ""] of Object.entries(given)) {
    if (!entry.metadata.includes(key)) {
      throw new DirectiveError(`${code} carries no ${key}.${hint(key, entry.metadata)}`);
    }
    metadata[key] = value;
  }
  return { kind: "error", code, metadata, ...(message !== undefined && { message }) };
}

const STATUS_NAMES: readonly string[] = Array.from({ length: 16 }, (_, index) => statusName((index + 1) as Status));

/** The status of a name. @throws {DirectiveError} for OK, and what is none */
export function statusNamed(name: string): Status {
  const index = STATUS_NAMES.indexOf(name);
  if (index < 0) {
    throw new DirectiveError(`${name} is no status that an error has.${hint(name, STATUS_NAMES)}`);
  }
  return (index + 1) as Status;
}

/** The names of all statuses that an error can have. */
export const ERROR_STATUSES: readonly string[] = STATUS_NAMES;

function knownFault(name: string): FaultName {
  const known = FAULT_NAMES.find((fault) => fault === name);
  if (known === undefined) {
    throw new DirectiveError(
      `There is no fault ${name}.${hint(name, FAULT_NAMES)} There are ${FAULT_NAMES.join(", ")}.`,
    );
  }
  return known;
}

/** ` Did you mean …?`, or nothing. */
export function hint(name: string, candidates: readonly string[]): string {
  const found = nearest(name, candidates);
  return found === undefined ? "" : ` Did you mean ${found}?`;
}

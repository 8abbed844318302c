import type { Message } from "@bufbuild/protobuf";
import type { Answer, Step } from "../answer.js";
import type { MockedMethodContract } from "../contract.js";
import { ERROR_STATUSES, hint, statusNamed } from "../directive.js";
import { durationOf } from "../duration-text.js";
import { FAULT_NAMES, faultNamed } from "../fault.js";
import type { Located, Problems } from "./located.js";
import { readMessage } from "./located-message.js";

/** What a step has. Of the first five it has one at the most. */
export const ANSWER_KEYS = ["response", "responses", "error", "status", "fault"] as const;
export const STEP_KEYS = [...ANSWER_KEYS, "metadata", "message", "delay"] as const;

type Parts = ReadonlyMap<string, Located>;

/** Reads what is to happen to a call. */
export function readStep(located: Located, parts: Parts, method: MockedMethodContract, problems: Problems): Step {
  const kinds = ANSWER_KEYS.filter((key) => parts.has(key));
  const [kind] = kinds;
  if (kinds.length > 1) {
    problems.add(located, `Of ${kinds.join(" and ")} there can be one`);
  }
  if (kind === undefined && !parts.has("delay")) {
    problems.add(located, `There is nothing to do: say one of ${ANSWER_KEYS.join(", ")}, or a delay`);
  }
  const metadata = parts.get("metadata");
  if (metadata !== undefined && kind !== "error") {
    problems.add(metadata, "metadata belongs to an error");
  }
  const said = kind === undefined ? undefined : parts.get(kind);
  const answer = kind && said && ANSWERS[kind](said, parts, method, problems);
  const delay = parts.get("delay");
  const delayMs = delay && durationAt("delay", delay, problems);
  return { ...(answer && { answer }), ...(delayMs !== undefined && { delayMs }) };
}

/** The milliseconds of a duration. */
export function durationAt(what: string, located: Located, problems: Problems): number | undefined {
  const ms = typeof located.value === "string" ? durationOf(located.value) : undefined;
  if (ms === undefined) {
    problems.add(located, `${what} must be a duration: 200ms, 1.5s, 2m`);
  }
  return ms;
}

type ReadAnswer = (said: Located, parts: Parts, method: MockedMethodContract, problems: Problems) => Answer | undefined;

const ANSWERS: Readonly<Record<(typeof ANSWER_KEYS)[number], ReadAnswer>> = {
  response: (said, _, { desc }, problems) => {
    const message = readMessage(desc.output, said, problems);
    return message && responses([message]);
  },
  responses: (said, _, { desc, path }, problems) => {
    if (desc.methodKind === "unary" || desc.methodKind === "client_streaming") {
      problems.add(said, `${path} answers with one message: say response`);
      return undefined;
    }
    return responses(
      problems.itemsOf("responses", said).flatMap((item) => readMessage(desc.output, item, problems) ?? []),
    );
  },
  error: (said, parts, method, problems) => {
    const code = problems.text("error", said);
    const entry = code === undefined ? undefined : method.errors.get(code);
    if (code === undefined || entry === undefined) {
      const codes = [...method.errors.keys()];
      const declared = codes.length === 0 ? "It declares none." : `It declares ${codes.join(", ")}.`;
      problems.add(
        said,
        `${method.path} declares no error ${String(said.value)}.${hint(String(said.value), codes)} ${declared}`,
      );
      return undefined;
    }
    const metadata: Record<string, string> = {};
    for (const { key, offset, value } of parts.get("metadata")?.entries ?? []) {
      if (!entry.metadata.includes(key)) {
        const carried =
          entry.metadata.length === 0 ? "It carries nothing." : `It carries ${entry.metadata.join(", ")}.`;
        problems.add({ offset }, `${code} carries no ${key}.${hint(key, entry.metadata)} ${carried}`);
      }
      metadata[key] = String(value.value);
    }
    const message = messageIn(parts, problems);
    return { kind: "error", code, metadata, ...(message !== undefined && { message }) };
  },
  status: (said, parts, _, problems) => {
    const name = String(said.value);
    if (!ERROR_STATUSES.includes(name)) {
      problems.add(said, `${name} is no status that an error has.${hint(name, ERROR_STATUSES)}`);
      return undefined;
    }
    return { kind: "status", status: statusNamed(name), message: messageIn(parts, problems) ?? name };
  },
  fault: (said, _, __, problems) => {
    const name = FAULT_NAMES.find((known) => known === said.value);
    if (name === undefined) {
      problems.add(said, `There is no fault ${String(said.value)}.${hint(String(said.value), FAULT_NAMES)}`);
      return undefined;
    }
    return { kind: "fault", fault: faultNamed(name) };
  },
};

function responses(messages: readonly Message[]): Answer {
  return { kind: "responses", make: () => messages };
}

function messageIn(parts: Parts, problems: Problems): string | undefined {
  const message = parts.get("message");
  return message && problems.text("message", message);
}

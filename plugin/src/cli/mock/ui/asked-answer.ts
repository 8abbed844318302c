import { FAULTS, type FaultName, faultNamed, type MockedMethodContract, type Rule } from "@accord-grpc/runtime/testing";

/** What a button of the page asks for: an error or a fault of a method, for its next call; neither takes back what was asked for. */
export interface AskedAnswer {
  readonly method: MockedMethodContract;
  readonly error?: string;
  readonly fault?: FaultName;
}

/** @throws {Error} if it isn't what a button sends */
export function readAsked(text: string, methods: readonly MockedMethodContract[]): AskedAnswer {
  const given: unknown = JSON.parse(text);
  const {
    method: path,
    error,
    fault,
  } = (typeof given === "object" && given !== null ? given : {}) as Readonly<Record<string, unknown>>;
  const method = methods.find((candidate) => candidate.path === path);
  if (method === undefined) {
    throw new Error("There is no such method.");
  }
  if (typeof error === "string") {
    if (!method.errors.has(error)) {
      throw new Error("The method declares no such error.");
    }
    return { method, error };
  }
  if (typeof fault === "string") {
    if (!isFault(fault)) {
      throw new Error("There is no such fault.");
    }
    return { method, fault };
  }
  return { method };
}

function isFault(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}

/** The rule that does it; `undefined`: none. */
export function ruleOf({ method, error, fault }: AskedAnswer): Rule | undefined {
  const answer =
    error !== undefined
      ? ({ kind: "error", code: error, metadata: {} } as const)
      : fault !== undefined
        ? ({ kind: "fault", fault: faultNamed(fault) } as const)
        : undefined;
  return answer && { method, times: 1, steps: [{ answer }] };
}

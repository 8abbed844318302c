import { parseArgs } from "node:util";
import { SCENARIOS, type Scenario } from "./scenario.js";
import { SUBJECTS, type SubjectName } from "./subject.js";

/** What the bench is asked for. */
export interface BenchArguments {
  readonly subjects: readonly SubjectName[];
  readonly scenarios: readonly Scenario[];
  readonly rounds: number;
  /** Of each round. */
  readonly seconds: number;
  /** The share of a scenario's warm-up that is done. */
  readonly warmUp: number;
  /** Where the results are written; `undefined`: only printed. */
  readonly out: string | undefined;
  /** Where CPU profiles are written, one for each process. */
  readonly profiles: string | undefined;
}

const DEFAULT_SUBJECTS: readonly SubjectName[] = ["grpc-js", "nice-grpc", "connect-node", "accord-silent", "accord"];

/** @throws {Error} if an argument makes no sense */
export function benchArguments(args: readonly string[], results: string): BenchArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      subjects: { type: "string" },
      scenarios: { type: "string" },
      rounds: { type: "string" },
      seconds: { type: "string" },
      out: { type: "string" },
      profile: { type: "string" },
    },
  });
  const partial = values.quick || values.subjects !== undefined || values.scenarios !== undefined;
  return {
    subjects: namesIn(values.subjects, Object.keys(SUBJECTS) as SubjectName[]) ?? DEFAULT_SUBJECTS,
    scenarios: chosenScenarios(values.scenarios),
    rounds: positive("rounds", values.rounds) ?? (values.quick ? 2 : 9),
    seconds: positive("seconds", values.seconds) ?? (values.quick ? 0.5 : 1.5),
    warmUp: values.quick ? 0.1 : 1,
    // A part of the figures doesn't replace all of them.
    out: values.out ?? (partial ? undefined : results),
    profiles: values.profile,
  };
}

/** Scenarios by name, or by the beginning of theirs: `small` is all three of them. */
function chosenScenarios(list: string | undefined): readonly Scenario[] {
  const wanted = list?.split(",");
  const chosen = SCENARIOS.filter(({ name }) => wanted?.some((part) => name.startsWith(part)) ?? true);
  if (chosen.length === 0) {
    throw new Error(`--scenarios=${list} fits none of ${SCENARIOS.map(({ name }) => name).join(", ")}`);
  }
  return chosen;
}

function namesIn<Name extends string>(list: string | undefined, known: readonly Name[]): readonly Name[] | undefined {
  return list?.split(",").map((wanted) => {
    const name = known.find((candidate) => candidate === wanted);
    if (name === undefined) {
      throw new Error(`There is no "${wanted}"; there are ${known.join(", ")}`);
    }
    return name;
  });
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const value = Number(text);
  if (!(value > 0)) {
    throw new Error(`--${name} must be a positive number; it is "${text}"`);
  }
  return value;
}

import { parseArgs } from "node:util";
import { SCENARIOS, type Scenario } from "./scenario.js";
import { SUBJECTS, type SubjectName } from "./subject.js";
import { VIEWS, type View, type ViewName } from "./view.js";

/** What the bench is asked for. */
export interface BenchArguments {
  /** Each with the subjects and scenarios that are asked for. */
  readonly views: readonly { readonly view: View; readonly scenarios: readonly Scenario[] }[];
  readonly rounds: number;
  /** Of each round. */
  readonly seconds: number;
  /** The share of a scenario's warm-up that is done. */
  readonly warmUp: number;
  /** Where the results are written; `undefined`: only printed. */
  readonly out: string | undefined;
  /** Whether what earlier runs measured is kept. */
  readonly append: boolean;
  /** Where CPU profiles are written, one for each process. */
  readonly profiles: string | undefined;
}

/** @throws {Error} if an argument makes no sense */
export function benchArguments(args: readonly string[], results: string): BenchArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      views: { type: "string" },
      subjects: { type: "string" },
      scenarios: { type: "string" },
      rounds: { type: "string" },
      seconds: { type: "string" },
      "warm-up": { type: "string" },
      out: { type: "string" },
      append: { type: "boolean", default: false },
      profile: { type: "string" },
    },
  });
  const isPart = [values.views, values.subjects, values.scenarios].some((list) => list !== undefined);
  const subjects = namesIn("subjects", values.subjects, Object.keys(SUBJECTS) as SubjectName[]);
  const names = namesIn("views", values.views, VIEWS.map(({ name }) => name) as ViewName[]);
  return {
    views: VIEWS.filter(({ name }) => names?.includes(name) ?? true)
      .map((view) => ({
        view: subjects === undefined ? view : { ...view, subjects },
        scenarios: chosenScenarios(view, values.scenarios),
      }))
      .filter(({ scenarios }) => scenarios.length > 0),
    rounds: positive("rounds", values.rounds) ?? (values.quick ? 2 : 9),
    seconds: positive("seconds", values.seconds) ?? (values.quick ? 0.5 : 1),
    warmUp: positive("warm-up", values["warm-up"]) ?? (values.quick ? 0.1 : 1),
    // A part of the figures doesn't replace all of them.
    out: values.out ?? (values.quick || (isPart && !values.append) ? undefined : results),
    append: values.append,
    profiles: values.profile,
  };
}

/** Scenarios by name, or by the beginning of theirs: `small` is all three of them. */
function chosenScenarios({ scenarios }: View, list: string | undefined): readonly Scenario[] {
  const wanted = list?.split(",") ?? scenarios;
  return SCENARIOS.filter(({ name }) => wanted.some((part) => name.startsWith(part)));
}

function namesIn<Name extends string>(
  option: string,
  list: string | undefined,
  known: readonly Name[],
): readonly Name[] | undefined {
  return list?.split(",").map((wanted) => {
    const name = known.find((candidate) => candidate === wanted);
    if (name === undefined) {
      throw new Error(`--${option}: there is no "${wanted}"; there are ${known.join(", ")}`);
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

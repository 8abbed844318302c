import { readFileSync } from "node:fs";
import { join } from "node:path";

const RESULTS = join(import.meta.dirname, "../bench/results");

/** The last saved figures of a benchmark. */
export function savedResults<Shape>(name: "rpc" | "codec" | "codegen"): Shape {
  return JSON.parse(readFileSync(join(RESULTS, `${name}.json`), "utf8")) as Shape;
}

/** A ratio of interleaved rounds. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** `1.44 (1.12–2.02)` */
export function spread({ median, min, max }: Spread): string {
  return `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
}

/** Two digits at least. */
function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(2);
}

/** A Markdown table whose first column is text, and the others numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const align = head.map((_, index) => (index === 0 ? "---" : "--:"));
  return [head, align, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** What `bench:rpc` saves, as far as the pages tell of it. */
export interface CallResults {
  readonly date: string;
  readonly node: string;
  readonly cpu: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly scenarios: readonly ScenarioResult[];
}

interface ScenarioResult {
  readonly scenario: string;
  readonly title: string;
  readonly subjects: readonly {
    readonly subject: string;
    readonly perSecond: Spread;
    readonly perSecondRatio?: Spread;
    readonly cpuRatio?: Spread;
  }[];
}

/** Calls per second as ratios to plain grpc-js, a line for each scenario. */
export function callTable({ scenarios }: CallResults): string {
  return table(
    [
      "calls per second",
      "grpc-js",
      "Accord",
      "Accord, not logging",
      "nice-grpc",
      "connect-node",
      "CPU per call, Accord",
    ],
    scenarios.map((scenario) => [
      scenario.title,
      `${Math.round(subject(scenario, "grpc-js").perSecond.median).toLocaleString("en")}/s`,
      ratio(scenario, "accord"),
      ratio(scenario, "accord-silent"),
      ratio(scenario, "nice-grpc"),
      ratio(scenario, "connect-node"),
      `${subject(scenario, "accord").cpuRatio?.median.toFixed(2)} ×`,
    ]),
  );
}

/** The same for the README: only medians. */
export function shortCallTable({ scenarios }: CallResults, names: readonly string[]): string {
  const median = (scenario: ScenarioResult, name: string) =>
    `${subject(scenario, name).perSecondRatio?.median.toFixed(2)} ×`;
  return table(
    [
      "calls per second, to plain grpc-js with protobuf-es",
      "Accord",
      "Accord, not logging",
      "nice-grpc",
      "connect-node",
    ],
    scenarios
      .filter(({ scenario }) => names.includes(scenario))
      .map((scenario) => [
        scenario.title,
        ...["accord", "accord-silent", "nice-grpc", "connect-node"].map((name) => median(scenario, name)),
      ]),
  );
}

function ratio(scenario: ScenarioResult, name: string): string {
  const { perSecondRatio } = subject(scenario, name);
  return perSecondRatio === undefined ? "" : spread(perSecondRatio);
}

function subject(scenario: ScenarioResult, name: string) {
  const found = scenario.subjects.find((result) => result.subject === name);
  if (found === undefined) {
    throw new Error(`${name} wasn't measured in ${scenario.scenario}`);
  }
  return found;
}

/** What `bench:codec` saves. */
export interface CodecResults {
  readonly when: string;
  readonly node: string;
  readonly cpu: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly tasks: readonly {
    readonly task: string;
    readonly nanoseconds: Readonly<Record<string, number>>;
    readonly ratios: Readonly<Record<string, Spread>>;
  }[];
}

export function codecTable({ tasks }: CodecResults): string {
  const microseconds = (nanoseconds: number | undefined) => `${short((nanoseconds ?? 0) / 1_000)} µs`;
  const against = (ratios: Readonly<Record<string, Spread>>, other: string) => {
    const found = ratios[`accord : ${other}`];
    return found === undefined ? "" : spread(found);
  };
  return table(
    ["a message", "protobuf-es", "ts-proto", "Accord", "times protobuf-es", "times ts-proto"],
    tasks.map(({ task, nanoseconds, ratios }) => [
      task.replace("/", ", "),
      microseconds(nanoseconds["protobuf-es"]),
      microseconds(nanoseconds["ts-proto"]),
      microseconds(nanoseconds.accord),
      against(ratios, "protobuf-es"),
      against(ratios, "ts-proto"),
    ]),
  );
}

/** What `bench:codegen` saves. */
export interface CodegenResults {
  readonly date: string;
  readonly node: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly inputs: readonly {
    readonly title: string;
    readonly requestMiB: number;
    readonly plugins: Readonly<
      Record<
        string,
        {
          readonly seconds?: Spread;
          readonly ratio?: Spread | object;
          readonly peakMiB?: Spread;
          readonly notDoneAfter?: number;
        }
      >
    >;
  }[];
}

export function codegenTable({ inputs }: CodegenResults): string {
  const figures = ["accord", "accord, codec=reflect", "protoc-gen-es", "ts-proto"];
  return table(
    ["generating", "request", ...figures],
    inputs.map(({ title, requestMiB, plugins }) => [
      title,
      requestMiB < 1 ? `${(requestMiB * 1024).toPrecision(3)} KiB` : `${requestMiB.toFixed(0)} MiB`,
      ...figures.map((name) => {
        const figure = plugins[name];
        if (figure?.notDoneAfter !== undefined) {
          return `not done after ${figure.notDoneAfter} s`;
        }
        return figure?.seconds === undefined || figure.peakMiB === undefined
          ? ""
          : `${short(figure.seconds.median)} s, ${figure.peakMiB.median.toFixed(0)} MiB`;
      }),
    ]),
  );
}

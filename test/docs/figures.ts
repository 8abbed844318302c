import { readFileSync } from "node:fs";
import { join } from "node:path";

const RESULTS = join(import.meta.dirname, "../bench/results");

/** The last saved figures of a benchmark. */
export function savedResults<Shape>(name: "rpc" | "held" | "codec" | "codegen"): Shape {
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
  readonly versions: Readonly<Record<string, string>>;
  readonly scenarios: readonly ScenarioResult[];
}

interface ScenarioResult {
  readonly view: string;
  /** `v20.20.2` */
  readonly node: string;
  readonly scenario: string;
  readonly title: string;
  readonly unit: string;
  readonly rounds: number;
  readonly date: string;
  readonly cpu: string;
  readonly loadAverage: Spread;
  readonly subjects: readonly SubjectResult[];
}

interface SubjectResult {
  readonly subject: string;
  readonly perSecond: Spread;
  readonly perSecondRatio?: Spread;
  readonly perSecondFloorRatio?: Spread;
  readonly cpuMicroseconds: Spread;
  readonly cpuRatio?: Spread;
}

/** When and where what the page tells of was measured, for the views whose names begin so. */
export function measuredOn({ scenarios }: CallResults, views: string) {
  const own = scenarios.filter(({ view }) => view.startsWith(views));
  const loads = own.flatMap(({ loadAverage }) => [loadAverage.min, loadAverage.max]);
  return {
    cpu: [...new Set(own.map(({ cpu }) => cpu))].join(" and "),
    date: [...new Set(own.map(({ date }) => date))].toSorted().join(" and "),
    loadAverage: { min: Math.min(...loads), max: Math.max(...loads) },
    ...nodesAndRounds(own),
  };
}

/** `20.20.2, 24.21.0`, `9 to 12` */
export function nodesAndRounds(measured: readonly { readonly node: string; readonly rounds?: number }[]) {
  const rounds = measured.map((one) => one.rounds ?? 0);
  const [least, most] = [Math.min(...rounds), Math.max(...rounds)];
  return {
    node: [...new Set(measured.map(({ node }) => node.slice(1)))].join(", "),
    rounds: least === most ? `${least}` : `${least} to ${most}`,
  };
}

/** Calls per second as ratios to plain grpc-js, each with its own client: a line for each scenario and Node. */
export function callTable({ scenarios }: CallResults): string {
  return table(
    [
      "calls per second",
      "Node",
      "grpc-js",
      "Accord",
      "Accord, not logging",
      "the same, of http2",
      "nice-grpc",
      "connect-node",
      "CPU per call, Accord",
    ],
    byScenario(scenarios.filter(({ view }) => view === "pairs")).map((scenario) => [
      scenario.title,
      major(scenario),
      `${Math.round(subject(scenario, "grpc-js").perSecond.median).toLocaleString("en")}/s`,
      optional(subject(scenario, "accord").perSecondRatio),
      optional(subject(scenario, "accord-silent").perSecondRatio),
      medianOf(subject(scenario, "accord-silent").perSecondFloorRatio),
      optional(subject(scenario, "nice-grpc").perSecondRatio),
      optional(subject(scenario, "connect-node").perSecondRatio),
      `${medianOf(subject(scenario, "accord").cpuRatio)} ×`,
    ]),
  );
}

/** Processor time of a server for a call by somebody else's client, as ratios to plain grpc-js's server. */
export function serverTable({ scenarios }: CallResults): string {
  const servers = ["http2", "grpc-go", "connect-node", "accord-silent", "accord", "accord-pino"];
  return cpuTable(scenarios, servers, { "servers-ghz": "ghz", "servers-grpc-js": "grpc-js" }, [
    ...["called by", "call", "Node", "grpc-js"],
    ...["http2", "grpc-go", "connect-node", "Accord, not logging", "Accord", "Accord with pino"],
  ]);
}

/** Processor time of a client for a call of somebody else's server, as ratios to plain grpc-js's client. */
export function clientTable({ scenarios }: CallResults): string {
  const clients = ["http2", "nice-grpc", "connect-node", "accord"];
  return cpuTable(scenarios, clients, { "clients-grpc-go": "grpc-go", "clients-grpc-js": "grpc-js" }, [
    ...["calling", "call", "Node", "grpc-js"],
    ...["http2", "nice-grpc", "connect-node", "Accord"],
  ]);
}

function cpuTable(
  scenarios: readonly ScenarioResult[],
  subjects: readonly string[],
  others: Readonly<Record<string, string>>,
  head: readonly string[],
): string {
  const rows = Object.entries(others).flatMap(([view, other]) =>
    byScenario(scenarios.filter((scenario) => scenario.view === view)).map((scenario) => [
      other,
      scenario.title,
      major(scenario),
      `${short(subject(scenario, "grpc-js").cpuMicroseconds.median)} µs`,
      ...subjects.map((name) => medianOf(scenario.subjects.find((result) => result.subject === name)?.cpuRatio)),
    ]),
  );
  return table(head, rows);
}

/** The same for the README: only medians, on the first of the Nodes. */
export function shortCallTable({ scenarios }: CallResults, names: readonly string[]): string {
  const [first] = scenarios;
  return table(
    [
      "calls per second, to plain grpc-js with protobuf-es",
      "Accord",
      "Accord, not logging",
      "nice-grpc",
      "connect-node",
    ],
    scenarios
      .filter(({ view, node, scenario }) => view === "pairs" && node === first?.node && names.includes(scenario))
      .map((scenario) => [
        scenario.title,
        ...["accord", "accord-silent", "nice-grpc", "connect-node"].map(
          (name) => `${medianOf(subject(scenario, name).perSecondRatio)} ×`,
        ),
      ]),
  );
}

/** The Nodes of a scenario behind each other. */
function byScenario(scenarios: readonly ScenarioResult[]): readonly ScenarioResult[] {
  const names = [...new Set(scenarios.map(({ scenario }) => scenario))];
  return names.flatMap((name) => scenarios.filter(({ scenario }) => scenario === name));
}

/** `20` */
function major({ node }: { readonly node: string }): string {
  return /\d+/.exec(node)?.[0] ?? node;
}

function optional(ratio: Spread | undefined): string {
  return ratio === undefined ? "" : spread(ratio);
}

function medianOf(ratio: Spread | undefined): string {
  return ratio?.median.toFixed(2) ?? "";
}

function subject(scenario: ScenarioResult, name: string) {
  const found = scenario.subjects.find((result) => result.subject === name);
  if (found === undefined) {
    throw new Error(`${name} wasn't measured in ${scenario.scenario}`);
  }
  return found;
}

/** What `bench:held` saves. */
export interface HeldResults {
  readonly date: string;
  readonly cpu: string;
  readonly rounds: number;
  readonly loadAverage: Spread;
  /** What each measure is, for people. */
  readonly measures: Readonly<Record<string, string>>;
  readonly nodes: readonly {
    readonly node: string;
    readonly subjects: readonly {
      readonly subject: string;
      readonly figures: Readonly<Record<string, Spread>>;
      readonly ratios: Readonly<Record<string, Spread>>;
    }[];
  }[];
}

/** What servers cost that aren't called, as ratios to plain grpc-js's. */
export function heldTable({ measures, nodes }: HeldResults): string {
  const servers = ["http2", "connect-node", "accord-silent", "accord"];
  return table(
    ["", "Node", "grpc-js", "http2", "connect-node", "Accord, not logging", "Accord"],
    Object.entries(measures).flatMap(([measure, title]) =>
      nodes.map((node) => {
        const of = (name: string) => node.subjects.find(({ subject }) => subject === name);
        return [
          title,
          major(node),
          short(of("grpc-js")?.figures[measure]?.median ?? 0),
          ...servers.map((name) => medianOf(of(name)?.ratios[measure])),
        ];
      }),
    ),
  );
}

/** What `bench:codec` saves. */
export interface CodecResults {
  readonly when: string;
  readonly cpu: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly loadAverage: { readonly min: number; readonly max: number };
  readonly nodes: readonly {
    /** `v20.20.2` */
    readonly node: string;
    readonly rounds: number;
    readonly tasks: readonly {
      readonly task: string;
      readonly nanoseconds: Readonly<Record<string, number>>;
      readonly ratios: Readonly<Record<string, Spread>>;
    }[];
  }[];
}

/** How many times as fast as others messages are encoded and decoded: a line for each task and Node. */
export function codecTable({ nodes }: CodecResults): string {
  const rivals = ["protobufjs", "pbf", "protobuf-es", "ts-proto"];
  const tasks = nodes[0]?.tasks.map(({ task }) => task) ?? [];
  return table(
    ["a message", "Node", "Accord", ...rivals.map((rival) => `times ${rival}`)],
    tasks.flatMap((name) =>
      nodes.flatMap((node) =>
        node.tasks
          .filter(({ task }) => task === name)
          .map(({ nanoseconds, ratios }) => [
            name.replace("/", ", "),
            major(node),
            `${short((nanoseconds.accord ?? 0) / 1_000)} µs`,
            ...rivals.map((rival) => optional(ratios[`accord : ${rival}`])),
          ]),
      ),
    ),
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

// Plays the timeline, with servers and clients as processes of their own, and tells what came of it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { TOO_SLOW_EXIT_CODE, tooSlowVerdict } from "../machine-stalls.js";
import { NotRun } from "../proof/suite.js";
import type { ClientInit } from "./client-process.js";
import { CLIENT_NAMES, OURS, type ReadyClient, type RunningClient, startClient } from "./clients.js";
import type { ClientReport } from "./clients-report.js";
import { Cluster, type Pod } from "./cluster.js";
import { type Check, CLIENT, evaluate, type PlayedStep, type Recording } from "./evaluation.js";
import { tellAll, tellOne } from "./figures.js";
import { FOREIGN_CLIENTS } from "./foreign-clients.js";
import { evaluateForeign } from "./foreign-evaluation.js";
import { type NameResolution, startNameResolution, whyNotHere } from "./name-resolution.js";
import { unexpectedOutput } from "./process.js";
import { type CallRecord, type ExecutionRecord, readRecords } from "./records.js";
import { renderFailure } from "./report.js";
import { SERVER_TLS } from "./server-certificate.js";
import { STEPS, type Times } from "./timeline.js";

/** The two forms: the same steps, and the same code. */
interface Form {
  readonly times: Times;
  /** Calls a second of a client that is by itself. Several share half as many again. */
  readonly rate: number;
  readonly timeoutMs?: number;
  /** How long two look-ups of a client that isn't ours are apart at least. Their default is 30 s: longer than a rollout takes here. */
  readonly lookUpMs: number;
  readonly channel: ClientInit["channel"];
  /** How unevenly calls may spread, if it isn't what the evaluation takes for even. */
  readonly mostSpread?: number;
}

const FULL: Form = {
  times: { preStopMs: 5_000, betweenPodsMs: 3_000, settleMs: 8_000, spreadMs: 14_000, frozenMs: 15_000 },
  rate: 120,
  lookUpMs: 1_000,
  // Nothing: the defaults.
  channel: {},
};
const SHORT: Form = {
  times: { preStopMs: 500, betweenPodsMs: 400, settleMs: 2_000, spreadMs: 2_000, frozenMs: 6_000 },
  rate: 80,
  lookUpMs: 100,
  // A machine that tests other things at the same time stands still for longer than the contract's 1 s.
  timeoutMs: 5_000,
  // It looks at 160 calls: a backend that has to wait for the processor for half a second is 20 % behind. One that gets none is
  // 100 % behind.
  mostSpread: 0.6,
  channel: { dnsRefreshMs: 1_200, keepalive: { timeMs: 2_000, timeoutMs: 3_000 } },
};
/** Streams that stay open, of a client that is by itself, and of one among several. */
const LASTING_ALONE: ClientInit["lasting"] = { WatchOpen: 4, HealthWatch: 2 };
const LASTING_BESIDE: ClientInit["lasting"] = { WatchOpen: 2, HealthWatch: 1 };
const NAME = "ledger-headless.rollout.test";
const MOST_MS = 5 * 60_000;

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    tls: { type: "boolean", default: false },
    clients: { type: "string", default: OURS },
    out: { type: "string" },
  },
});
const names = [...new Set([OURS, ...(values.clients === "all" ? CLIENT_NAMES : values.clients.split(","))])];
const unknown = names.filter((name) => !CLIENT_NAMES.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`There is no client ${unknown.join(", ")}. There are ${CLIENT_NAMES.join(", ")}, and all.\n`);
  process.exit(2);
}
const reason = whyNotHere();
if (reason !== undefined) {
  process.stderr.write(`The rollout ${reason}.\n`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "rollout-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => process.exit(1));
}
const resolution = await startNameResolution(NAME, folder);
const ready = await readyClients(resolution.kind);
const limit = setTimeout(() => fail([neverEnded(`it took more than ${MOST_MS / 60_000} min`)]), MOST_MS);
try {
  const failed = await play(values.short ? SHORT : FULL, ready);
  if (failed.length > 0) {
    fail(failed);
  }
} catch (error) {
  fail([neverEnded(error instanceof Error ? error.message : String(error))]);
}
clearTimeout(limit);

function neverEnded(found: string): Check {
  return { name: "the timeline is played to its end", ok: false, found };
}

/** Says what is wrong, and ends: what still runs ends with this process. */
function fail(failed: readonly Check[]): void {
  process.stderr.write(renderFailure(failed, unexpectedOutput()), () => process.exit(1));
}

/** Those that are asked for and can be had here. In CI, all that root isn't needed for must be. */
async function readyClients(resolver: NameResolution["kind"]): Promise<ReadyClient[]> {
  const ready: ReadyClient[] = [];
  for (const name of names) {
    if (resolver !== "system" && name !== OURS && name !== "grpc-js") {
      process.stderr.write(
        `${name} isn't played: it needs a resolv.conf of its own, which root alone may give it here\n`,
      );
      continue;
    }
    try {
      const foreign = await FOREIGN_CLIENTS[name]?.prepare();
      ready.push(foreign === undefined ? { name: OURS } : { name, foreign });
    } catch (error) {
      if (!(error instanceof NotRun) || process.env.CI !== undefined) {
        throw error;
      }
      process.stderr.write(`${name} isn't played: ${error.message}\n`);
    }
  }
  return ready;
}

/** Plays it, and returns the checks that failed. */
async function play(form: Form, ready: readonly ReadyClient[]): Promise<Check[]> {
  const cluster = await Cluster.create(folder, resolution.dns, values.tls ? { tls: SERVER_TLS } : {});
  cluster.publish(...(await cluster.start(3)));
  const isAlone = ready.length === 1;
  const rate = isAlone ? form.rate : Math.floor((form.rate * 1.5) / ready.length);
  const clients = await Promise.all(
    ready.map((client) =>
      startClient(client, {
        ...form,
        folder,
        resolution,
        port: cluster.port,
        tls: values.tls,
        rate,
        atMostMs: MOST_MS,
        lasting: isAlone ? LASTING_ALONE : LASTING_BESIDE,
      }),
    ),
  );
  // The first look-up and the first connections aren't what is looked at, and neither is what a virtual machine compiles at first.
  await delay(isAlone ? 1_500 : 6_000);
  const startedAt = Date.now();
  const steps = await playSteps(cluster, form.times);
  const leftOut = await Promise.all(
    clients.map(async ({ process }) => {
      process.signal("SIGTERM");
      return Number((await process.event("ended")).leftOut);
    }),
  );
  await Promise.all(cluster.pods.map((pod) => cluster.stop(pod)));
  resolution.dns.close();

  const date = new Date().toISOString().slice(0, 10);
  const results = clients.map((client, index) => {
    const recording = recordingOf(client, cluster, steps, startedAt);
    return { recording, report: { ...reportOf(client, recording, form, leftOut[index] ?? 0), date, rate } };
  });
  const failed = results.flatMap(({ report: { name, checks } }) =>
    checks.filter(({ ok }) => !ok).map((check) => (isAlone ? check : { ...check, name: `${name}: ${check.name}` })),
  );
  const isTooSlow = failed.length > 0 && failed.every(({ tooSlow }) => tooSlow === true);
  // No figures are written of a machine that was too slow.
  const out = isTooSlow ? undefined : values.out;
  const kind = values.short ? "short" : "full";
  const [ours] = results;
  if (!isAlone || values.tls) {
    const wire = values.tls ? "TLS" : "cleartext";
    tellAll({ form: kind, wire, clients: results.map(({ report }) => report) }, out);
  } else if (!isTooSlow && ours !== undefined) {
    const { steps: figures, checks } = ours.report;
    tellOne({ form: kind, resolver: resolution.kind, rate, steps: figures, checks }, ours.recording, out);
  }
  if (isTooSlow) {
    const [verdict = ""] = results.map(({ recording }) => tooSlowVerdict(recording.stalls));
    process.stderr.write(`${verdict}\n`, () => process.exit(TOO_SLOW_EXIT_CODE));
    return [];
  }
  return failed;
}

function reportOf(
  client: RunningClient,
  recording: Recording,
  form: Form,
  leftOut: number,
): Omit<ClientReport, "date" | "rate"> {
  const { name, version } = client;
  const { steps, checks } =
    name === OURS ? evaluate(recording, form.mostSpread) : evaluateForeign(recording, FOREIGN_CLIENTS[name]?.isOld);
  const made = { name: "the client made all its calls", ok: leftOut === 0, found: `${leftOut} left out` };
  return { name, version, steps, checks: [...checks, made] };
}

/** What of the recording is a client's: its ids begin with its name. */
function recordingOf(
  { name, calls, process }: RunningClient,
  cluster: Cluster,
  steps: readonly PlayedStep[],
  startedAt: number,
): Recording {
  const frozen = steps.filter(({ step }) => step.mayLose === "held");
  const stalls = [...process.stalls(CLIENT), ...cluster.stalls()].filter(
    (stall) => !frozen.some(({ blamed, from, to }) => blamed === stall.process && stall.from < to && stall.to > from),
  );
  return {
    calls: readRecords<CallRecord>(calls),
    executions: readRecords<ExecutionRecord>(cluster.executions).filter(({ id }) => id.startsWith(`${name}:`)),
    steps,
    published: cluster.published.filter(({ at }) => at >= startedAt),
    endings: cluster.endings,
    stalls,
  };
}

async function playSteps(cluster: Cluster, times: Times): Promise<PlayedStep[]> {
  const played: PlayedStep[] = [];
  for (const step of STEPS) {
    process.stderr.write(`${step.name}: ${step.says} …\n`);
    const from = Date.now();
    let steadyFrom: number | undefined;
    let blamed: Pod | undefined;
    let expected: readonly string[] = [];
    await step.run({
      cluster,
      times,
      blame: (pod) => {
        blamed = pod;
      },
      steady: () => {
        steadyFrom = Date.now();
        expected = cluster.pods.map(({ address }) => address);
      },
    });
    played.push({ step, from, to: Date.now(), steadyFrom, expected, blamed: blamed?.address });
  }
  return played;
}

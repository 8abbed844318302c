// Plays the timeline, with servers and a client as processes of their own, and tells what came of it.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { TOO_SLOW_EXIT_CODE, tooSlowVerdict } from "../machine-stalls.js";
import type { ClientInit } from "./client-process.js";
import { Cluster, type Pod } from "./cluster.js";
import { type Check, CLIENT, evaluate, type PlayedStep, type Recording } from "./evaluation.js";
import { startNameResolution, whyNotHere } from "./name-resolution.js";
import { SpeakingProcess, unexpectedOutput } from "./process.js";
import { type CallRecord, type ExecutionRecord, readRecords } from "./records.js";
import { type Report, renderFailure, renderReport, withFigures } from "./report.js";
import { shareChart } from "./share-chart.js";
import { STEPS, type Times } from "./timeline.js";

/** The two forms: the same steps, and the same code. */
interface Form {
  readonly times: Times;
  readonly rate: number;
  readonly timeoutMs?: number;
  readonly channel: ClientInit["channel"];
  /** How unevenly calls may spread, if it isn't what the evaluation takes for even. */
  readonly mostSpread?: number;
}

const FULL: Form = {
  times: { preStopMs: 5_000, betweenPodsMs: 3_000, settleMs: 8_000, spreadMs: 14_000, frozenMs: 15_000 },
  rate: 120,
  // Nothing: the defaults.
  channel: {},
};
const SHORT: Form = {
  times: { preStopMs: 500, betweenPodsMs: 400, settleMs: 2_000, spreadMs: 2_000, frozenMs: 6_000 },
  rate: 80,
  // A machine that tests other things at the same time stands still for longer than the contract's 1 s.
  timeoutMs: 5_000,
  // It looks at 160 calls: a backend that has to wait for the processor for half a second is 20 % behind. One that gets none is
  // 100 % behind.
  mostSpread: 0.6,
  channel: { dnsRefreshMs: 1_200, keepalive: { timeMs: 2_000, timeoutMs: 3_000 } },
};
const NAME = "ledger-headless.rollout.test";
const MOST_MS = 5 * 60_000;

const reason = whyNotHere();
if (reason !== undefined) {
  process.stderr.write(`The rollout ${reason}.\n`);
  process.exit(2);
}
const isShort = process.argv.includes("--short");
const out = process.argv.find((arg) => arg.startsWith("--out="))?.slice("--out=".length);
const folder = mkdtempSync(join(tmpdir(), "rollout-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => process.exit(1));
}
const limit = setTimeout(() => fail([neverEnded(`it took more than ${MOST_MS / 60_000} min`)]), MOST_MS);
try {
  const failed = await play(isShort ? SHORT : FULL);
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

/** Plays it, and returns the checks that failed. */
async function play(form: Form): Promise<Check[]> {
  const resolution = await startNameResolution(NAME, folder);
  const cluster = await Cluster.create(folder, resolution.dns, {});
  cluster.publish(...(await cluster.start(3)));
  const calls = join(folder, "calls.jsonl");
  const init: ClientInit = {
    target: resolution.target(cluster.port),
    calls,
    rate: form.rate,
    atMostMs: MOST_MS,
    ...(form.timeoutMs === undefined ? {} : { timeoutMs: form.timeoutMs }),
    channel: form.channel,
  };
  const script = fileURLToPath(new URL("./client-process.js", import.meta.url));
  const client = new SpeakingProcess([...resolution.prefix, process.execPath, script], {
    ...resolution.env,
    CLIENT: JSON.stringify(init),
  });
  await Promise.race([client.event("started"), delay(20_000)]);
  // The first look-up and the first connections aren't what is looked at.
  await delay(1_500);
  const startedAt = Date.now();
  const steps = await playSteps(cluster, form.times);
  client.signal("SIGTERM");
  const { leftOut } = await client.event("ended");
  await Promise.all(cluster.pods.map((pod) => cluster.stop(pod)));
  resolution.dns.close();

  const frozen = steps.filter(({ step }) => step.mayLose === "held");
  const stalls = [...client.stalls(CLIENT), ...cluster.stalls()].filter(
    ({ process, from, to }) => !frozen.some((step) => step.blamed === process && from < step.to && to > step.from),
  );
  const recording: Recording = {
    calls: readRecords<CallRecord>(calls),
    executions: readRecords<ExecutionRecord>(cluster.executions),
    steps,
    published: cluster.published.filter(({ at }) => at >= startedAt),
    endings: cluster.endings,
    stalls,
  };
  const { steps: results, checks } = evaluate(recording, form.mostSpread);
  checks.push({ name: "the client made all its calls", ok: leftOut === 0, found: `${leftOut} left out` });
  const failed = checks.filter(({ ok }) => !ok);
  if (failed.length > 0 && failed.every(({ tooSlow }) => tooSlow === true)) {
    // No figures are written of it.
    process.stderr.write(`${tooSlowVerdict(stalls)}\n`, () => process.exit(TOO_SLOW_EXIT_CODE));
    return [];
  }
  const report: Report = {
    form: isShort ? "short" : "full",
    resolver: resolution.kind,
    rate: form.rate,
    steps: results,
    checks,
  };
  process.stdout.write(renderReport(report));
  if (out !== undefined) {
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, "rollout.json"), `${JSON.stringify(report, undefined, 2)}\n`);
    writeFileSync(join(out, "rollout.svg"), shareChart(recording));
    const page = `${out}.md`;
    if (existsSync(page)) {
      writeFileSync(page, withFigures(readFileSync(page, "utf8"), report));
    }
  }
  return failed;
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

import { setTimeout as delay } from "node:timers/promises";
import type { Cluster, Pod } from "./cluster.js";

/** What happens to the backends, and what is to be expected of it. */
export interface Step {
  readonly name: string;
  readonly says: string;
  /** `none`: no call is lost. `unretried`: only calls that the contract doesn't let gRPC send again. `held`: only calls that the backend in question held. */
  readonly mayLose: "none" | "unretried" | "held";
  run(stage: Stage): Promise<void>;
}

/** What a step is given. */
export interface Stage {
  readonly cluster: Cluster;
  readonly times: Times;
  /** Names the backend whose calls may be lost. */
  blame(pod: Pod): void;
  /** Says that the pods are all well and known from now until the step ends: calls must spread evenly. */
  steady(): void;
}

/** How long things take, in milliseconds. */
export interface Times {
  /** From leaving DNS to SIGTERM. */
  readonly preStopMs: number;
  /** Between two pods of a rolling restart. */
  readonly betweenPodsMs: number;
  /** How long is looked at what comes of a step. */
  readonly settleMs: number;
  /** Until each client knows a new backend. */
  readonly spreadMs: number;
  /** How long a backend is frozen. */
  readonly frozenMs: number;
}

const RECORD_LAG_MS = 1_000;
const RESTART_MS = 2_000;
// Each node's kubelet has a clock of its own.
const BETWEEN_SIGNALS_MS = 200;
const SHORT_AGE_MS = 3_000;

/** The timeline, in its order. */
export const STEPS: readonly Step[] = [
  {
    name: "steady",
    says: "three backends, nothing happens",
    mayLose: "none",
    run: async ({ times, steady }) => {
      steady();
      await delay(times.settleMs);
    },
  },
  {
    name: "scale-up",
    says: "two more backends get into DNS",
    mayLose: "none",
    run: async ({ cluster, times, steady }) => {
      cluster.publish(...(await cluster.start(2)));
      await delay(times.spreadMs);
      steady();
      await delay(times.settleMs);
    },
  },
  {
    name: "rolling restart",
    says: "each backend is replaced by one at a new address: the new one into DNS, the old one out of it, preStop, SIGTERM",
    mayLose: "none",
    run: async ({ cluster, times }) => {
      const stops: Promise<void>[] = [];
      for (const old of [...cluster.pods]) {
        const [successor] = await cluster.start(1);
        if (successor !== undefined) {
          cluster.publish(successor);
        }
        cluster.withdraw(old);
        stops.push(delay(times.preStopMs).then(() => cluster.stop(old)));
        await delay(times.betweenPodsMs);
      }
      await Promise.all(stops);
      await delay(times.settleMs);
    },
  },
  {
    name: "all replaced without preStop",
    says: "all backends at once get SIGTERM in the moment in which others take their places in DNS",
    mayLose: "unretried",
    run: async ({ cluster, times }) => {
      const old = [...cluster.pods];
      cluster.replace(await cluster.start(old.length, { maxConnectionAgeMs: SHORT_AGE_MS }));
      await Promise.all(old.map((pod) => cluster.stop(pod)));
      await delay(times.settleMs);
    },
  },
  {
    name: "connections age",
    says: "the backends close each connection after 3 s",
    mayLose: "none",
    run: async ({ times }) => {
      await delay(SHORT_AGE_MS + times.settleMs);
    },
  },
  {
    name: "all replaced",
    says: "all backends at once leave DNS for others, preStop, SIGTERM to one after the other within a second",
    mayLose: "none",
    run: async ({ cluster, times }) => {
      const old = [...cluster.pods];
      cluster.replace(await cluster.start(old.length));
      await delay(times.preStopMs);
      await Promise.all(old.map((pod, index) => delay(index * BETWEEN_SIGNALS_MS).then(() => cluster.stop(pod))));
      await delay(times.settleMs);
    },
  },
  {
    name: "kill -9",
    says: "a backend is killed, leaves DNS 1 s later, and comes back at its address 2 s after that",
    mayLose: "unretried",
    run: async ({ cluster, times, blame }) => {
      const victim = cluster.pods[1];
      if (victim === undefined) {
        return;
      }
      blame(victim);
      victim.process.signal("SIGKILL");
      await delay(RECORD_LAG_MS);
      cluster.withdraw(victim);
      await delay(RESTART_MS);
      cluster.publish(await cluster.startAt(victim.host));
      await delay(times.spreadMs);
    },
  },
  {
    name: "frozen",
    says: "a backend is stopped (SIGSTOP) and stays in DNS, then goes on (SIGCONT)",
    mayLose: "held",
    run: async ({ cluster, times, blame }) => {
      const victim = cluster.pods[0];
      if (victim === undefined) {
        return;
      }
      blame(victim);
      victim.process.signal("SIGSTOP");
      await delay(times.frozenMs);
      victim.process.signal("SIGCONT");
      cluster.published.push({ pod: victim.address, at: Date.now() });
      await delay(times.spreadMs);
    },
  },
  {
    name: "black hole",
    says: "two addresses get into DNS: at one a socket accepts and never answers, at the other nobody listens",
    mayLose: "none",
    run: async ({ cluster, times, steady }) => {
      const [hole] = await cluster.start(1);
      if (hole === undefined) {
        return;
      }
      hole.process.signal("SIGSTOP");
      cluster.mislead(hole.host, cluster.nextHost());
      await delay(times.spreadMs);
      steady();
      await delay(times.settleMs);
      cluster.mislead();
      hole.process.signal("SIGKILL");
    },
  },
  {
    name: "scale-down",
    says: "two backends leave DNS, preStop, SIGTERM",
    mayLose: "none",
    run: async ({ cluster, times, steady }) => {
      const leaving = cluster.pods.slice(0, 2);
      cluster.withdraw(...leaving);
      await delay(times.preStopMs);
      await Promise.all(leaving.map((pod) => cluster.stop(pod)));
      await delay(times.spreadMs);
      steady();
      await delay(times.settleMs);
    },
  },
];

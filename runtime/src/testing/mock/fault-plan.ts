import { Status } from "../../wire/status.js";
import { type MockedMethodContract, mayBeRepeated } from "./contract.js";
import { type DelayDistribution, type Fault, type FaultName, faultNamed } from "./fault.js";
import type { Random } from "./random.js";

/** Which calls meet a fault: of those of the method, and within the time. */
export interface FaultRule {
  readonly fault: Fault;
  /** Left out: all methods. */
  readonly method?: MockedMethodContract;
  /** A share of them, from 0 to 1. */
  readonly share?: number;
  /** The nth calls of each method, the first being 1. */
  readonly calls?: readonly number[];
  /** Each nth call of each method. */
  readonly every?: number;
  /** From so long after the start, in milliseconds. */
  readonly fromMs?: number;
  /** Until so long after the start, in milliseconds. */
  readonly untilMs?: number;
}

/** Decides which calls meet which fault, by what was planned and by chance. */
export class FaultPlan {
  readonly #rules: readonly FaultRule[];
  readonly #chaos: number;
  readonly #random: Random;
  readonly #startedAt = performance.now();
  readonly #counts = new Map<MockedMethodContract, number>();

  /** @param chaos the share of calls that meet any fault that their contract allows */
  constructor(rules: readonly FaultRule[], chaos: number, random: Random) {
    this.#rules = rules;
    this.#chaos = chaos;
    this.#random = random;
  }

  /** What the next call of a method meets; `undefined`: nothing. */
  next(method: MockedMethodContract): Fault | undefined {
    const count = (this.#counts.get(method) ?? 0) + 1;
    this.#counts.set(method, count);
    const sinceMs = performance.now() - this.#startedAt;
    const planned = this.#rules.find((rule) => this.#meets(rule, method, count, sinceMs));
    if (planned !== undefined) {
      return planned.fault;
    }
    return this.#chaos > 0 && this.#random.next() < this.#chaos ? chaosFault(method, this.#random) : undefined;
  }

  #meets(rule: FaultRule, method: MockedMethodContract, count: number, sinceMs: number): boolean {
    const { share, calls, every, fromMs = 0, untilMs = Number.POSITIVE_INFINITY } = rule;
    return (
      (rule.method === undefined || rule.method === method) &&
      sinceMs >= fromMs &&
      sinceMs < untilMs &&
      (calls === undefined || calls.includes(count)) &&
      (every === undefined || count % every === 0) &&
      (share === undefined || this.#random.next() < share)
    );
  }
}

/**
 * The faults that a method's contract allows, so that a client that keeps to it gets on.
 *
 * - What happens before any work is allowed always: UNAVAILABLE, which no contract has to declare, and the method's own errors. Another
 *   status is allowed as a declared error alone.
 * - What leaves open whether the work was done is allowed where a call may be repeated: without side effects, idempotent, or
 *   with an idempotency key.
 * - Late and elsewhere are allowed always, past the deadline where there is one.
 */
export function allowedFaults(method: MockedMethodContract): readonly FaultName[] {
  const { desc, errors, timeoutMs } = method;
  const streams = desc.methodKind === "server_streaming" || desc.methodKind === "bidi_streaming";
  const isExhaustible = [...errors.values()].some(({ status }) => status === Status.RESOURCE_EXHAUSTED);
  const unsure: FaultName[] = mayBeRepeated(method)
    ? [
        "reset",
        "silent",
        ...(streams ? (["cut"] as const) : []),
        ...(timeoutMs === undefined ? [] : (["past_deadline"] as const)),
      ]
    : [];
  return [
    ...(["slow", "unavailable", "goaway", "drain"] as const),
    ...(errors.size > 0 ? (["error"] as const) : []),
    ...(isExhaustible ? (["resource_exhausted"] as const) : []),
    ...unsure,
  ];
}

// A drain is everybody's: it is rare beside what meets one call, and so is a connection that dies under all of its calls.
const WEIGHTS: Readonly<Record<FaultName, number>> = {
  slow: 30,
  past_deadline: 4,
  unavailable: 20,
  resource_exhausted: 10,
  error: 20,
  cut: 6,
  reset: 6,
  silent: 1,
  goaway: 6,
  drain: 1,
};

function chaosFault(method: MockedMethodContract, random: Random): Fault | undefined {
  const allowed = allowedFaults(method);
  let at = random.next() * allowed.reduce((sum, name) => sum + WEIGHTS[name], 0);
  const name = allowed.find((candidate) => {
    at -= WEIGHTS[candidate];
    return at < 0;
  });
  return name && faultNamed(name, chaosDelay(method));
}

/** Slow, and still within the deadline for nearly all calls. */
function chaosDelay({ timeoutMs = 1_000 }: MockedMethodContract): DelayDistribution {
  return { p50Ms: timeoutMs / 20, p99Ms: timeoutMs / 2 };
}

import { setTimeout as sleep } from "node:timers/promises";
import { status as GrpcStatus } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { probeClient } from "../../test-support/probe-client.js";
import { callOnce, KINDS, servicerOf } from "../../test-support/probe-kinds.js";
import { bindProbe } from "../../test-support/probe-service.js";
import { answerWithin } from "../call/answer-within.js";
import type { CallContext } from "../call/call-context.js";
import { MemoryLogger, startTestServer, type TestServer } from "../testing/index.js";
import type { Identity } from "./identity.js";

let server: TestServer | undefined;
let logger: MemoryLogger;
let ran: boolean;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

type Answer = Promise<Identity | undefined>;

async function serve(auth: (context: CallContext) => Answer, authTimeoutMs: number): Promise<void> {
  logger = new MemoryLogger();
  ran = false;
  const policy = { auth: { requirement: "required" } } as const;
  const servicer = servicerOf(() => {
    ran = true;
    return { id: "served" };
  });
  const policies = { unary: policy, clientStream: policy, serverStream: policy, bidiStream: policy };
  server = await startTestServer([bindProbe(servicer, { policies })], {
    auth: (_metadata, context) => auth(context),
    authTimeoutMs,
    logger,
  });
}

const client = () => probeClient((server as TestServer).channel);
const noDeadline = { timeoutMs: Number.POSITIVE_INFINITY };
const responses = (kind: string) => logger.lines.filter(({ message }) => message === `${kind}.response`);

describe.each(KINDS)("%s", (kind) => {
  it("ends with UNAVAILABLE when the verifier never answers, though the call has no deadline", async () => {
    let signal: AbortSignal | undefined;
    await serve((context) => {
      signal = context.signal;
      return new Promise(() => {});
    }, 20);
    await expect(callOnce(client(), kind, {}, noDeadline)).rejects.toMatchObject({
      status: GrpcStatus.UNAVAILABLE,
      message: "It couldn't be found out in time who calls",
    });
    expect(ran).toBe(false);
    expect(signal?.aborted).toBe(true);
    await expect.poll(() => responses(kind)).toMatchObject([{ level: "error", fields: { status: "UNAVAILABLE" } }]);
    expect(String(responses(kind)[0]?.fields.err)).toContain("authTimeoutMs");
  });

  it("ignores what the verifier says later", async () => {
    let answer: (identity: Identity) => void = () => {};
    let fail: (error: Error) => void = () => {};
    const answers: Answer[] = [
      new Promise((resolve) => {
        answer = resolve;
      }),
      new Promise((_resolve, reject) => {
        fail = reject;
      }),
    ];
    await serve(() => answers.shift() as Answer, 20);
    for (const late of [() => answer({ subject: "ada" }), () => fail(new Error("late"))]) {
      await expect(callOnce(client(), kind, {}, noDeadline)).rejects.toMatchObject({
        status: GrpcStatus.UNAVAILABLE,
      });
      late();
      await sleep(5);
      expect(ran).toBe(false);
    }
    await expect.poll(() => responses(kind).length).toBe(2);
  });

  it("ends at the call's own deadline, or when it is cancelled, if that comes first", async () => {
    let asked = 0;
    const caller = new AbortController();
    await serve(() => {
      asked += 1;
      caller.abort();
      return new Promise(() => {});
    }, 600_000);
    const cancelled = callOnce(client(), kind, {}, { ...noDeadline, signal: caller.signal });
    await expect(cancelled).rejects.toMatchObject({ status: GrpcStatus.CANCELLED });
    // On a slow machine it may be over before it has reached the server.
    await expect(callOnce(client(), kind, {}, { timeoutMs: 100 })).rejects.toMatchObject({
      status: GrpcStatus.DEADLINE_EXCEEDED,
    });
    await expect.poll(() => responses(kind).length).toBe(asked);
    expect(ran).toBe(false);
  });
});

describe("an answer that is waited for", () => {
  const limit = { timeoutMs: 1_000, late: () => new Error("late") };

  it("leaves no timer behind, however it comes", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      expect(await answerWithin(() => 1, limit)).toBe(1);
      expect(await answerWithin(() => Promise.resolve(2), limit)).toBe(2);
      await expect(answerWithin(() => Promise.reject(new Error("no")), limit)).rejects.toThrow("no");
      const aborted = new AbortController();
      const waiting = answerWithin(() => new Promise(() => {}), { ...limit, source: aborted.signal });
      expect(vi.getTimerCount()).toBe(1);
      aborted.abort(new Error("over"));
      await expect(waiting).rejects.toThrow("over");
      const after = answerWithin(() => new Promise(() => {}), { ...limit, source: aborted.signal });
      await expect(after).rejects.toThrow("over");
      const late = answerWithin(() => new Promise(() => {}), limit);
      vi.advanceTimersByTime(1_000);
      await expect(late).rejects.toThrow("late");
      answerWithin(() => new Promise(() => {}), { ...limit, timeoutMs: Number.POSITIVE_INFINITY });
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

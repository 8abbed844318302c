import { EventEmitter, getEventListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import * as v8 from "node:v8";
import type { CallContext, Channel } from "@accord-grpc/runtime";
import { credentials } from "@grpc/grpc-js";
import { buildLedgerV1Channel } from "../../example/src/gen/ledger/v1/channel.js";
import { AccountNotFoundError, type LedgerError } from "../../example/src/gen/ledger/v1/errors.js";
import { LedgerServiceClient } from "../../example/src/gen/ledger/v1/ledger_client.js";
import type { LedgerServiceServicer } from "../../example/src/gen/ledger/v1/ledger_servicer.js";
import { serveCommands, tell } from "../e2e/programs/commands.js";
import { startScriptedLedger, statementLine } from "../e2e/scripted-ledger.js";
import { type NamedStall, tooSlowVerdict, wasTooSlow, watchStalls } from "../machine-stalls.js";

// Three services in a chain, generated servers and clients: the first two pass each call on, the last one answers it. All
// ways in which a call can end take turns, and then the program says what is left of them.

const LONG_MS = 3_600_000;

/** Handlers that run, of all three services. */
let running = 0;
/** What remains of a deadline where each handler sees it, in the order of the chain, while somebody wants to know. */
let remaining: number[] | undefined;

/** Counts a handler, for as long as it runs. */
async function* counted<T>(context: CallContext, body: () => AsyncIterable<T>): AsyncGenerator<T> {
  running += 1;
  remaining?.push(context.timeRemaining());
  try {
    yield* body();
  } finally {
    running -= 1;
  }
}

async function once<T>(responses: AsyncIterable<T>): Promise<T> {
  for await (const response of responses) {
    return response;
  }
  throw new Error("There was no response");
}

const single = <T>(context: CallContext, body: () => Promise<T>): Promise<T> =>
  once(
    counted(context, async function* () {
      yield await body();
    }),
  );

/** Resolves when the call is over, by rejecting. */
const over = (context: CallContext): Promise<never> =>
  new Promise((_, reject) => context.signal.addEventListener("abort", () => reject(context.signal.reason)));

/** The last service: the account's id says what it does. */
const last: Partial<LedgerServiceServicer> = {
  getAccount: ({ accountId }, context) =>
    single(context, async () => {
      if (accountId === "fail") {
        throw new AccountNotFoundError({ account: accountId });
      }
      return accountId === "wait" ? over(context) : { account: { accountId } };
    }),
  listEntries: ({ accountId }, context) =>
    counted(context, async function* () {
      yield { entry: { accountId } };
      yield { entry: { accountId } };
      if (accountId === "wait") {
        await over(context);
      }
    }),
  importEntries: (requests, context) =>
    single(context, async () => {
      let booked = 0n;
      for await (const _ of requests) {
        booked += 1n;
      }
      return { booked };
    }),
  watch: (requests, context) =>
    counted(context, async function* () {
      for await (const { change } of requests) {
        const accountId = change.value?.accountIds[0] ?? "";
        yield { accountId };
        if (accountId === "wait") {
          await over(context);
        }
      }
    }),
};

/** A service that passes everything on. It gives the next one more time than it has itself. */
function passingOn(next: Service): Partial<LedgerServiceServicer> {
  const options = { timeoutMs: LONG_MS };
  return {
    getAccount: (request, context) => single(context, () => next.client.getAccount(request, options)),
    listEntries: (request, context) => counted(context, () => next.client.listEntries(request, options)),
    importEntries: (requests, context) => single(context, () => next.client.importEntries(requests, options)),
    watch: (requests, context) => counted(context, () => next.client.watch(requests, options)),
  };
}

/** A server, and a client of it. */
class Service {
  readonly #address: string;
  #open: { readonly channel: Channel; readonly client: LedgerServiceClient } | undefined;

  private constructor(address: string) {
    this.#address = address;
  }

  static async start(methods: Partial<LedgerServiceServicer>): Promise<Service> {
    // Node ends a connection on which a client has cancelled about a thousand calls (see docs/limits.md). Connections are
    // therefore replaced before that, without a loss.
    const { address } = await startScriptedLedger(methods, { maxConnectionAgeMs: 600 });
    return new Service(address);
  }

  get client(): LedgerServiceClient {
    if (this.#open === undefined) {
      const channel = buildLedgerV1Channel(this.#address, {
        credentials: credentials.createInsecure(),
        extraOptions: { "grpc.initial_reconnect_backoff_ms": 100 },
      });
      this.#open = { channel, client: new LedgerServiceClient(channel) };
    }
    return this.#open.client;
  }

  /** Ends the connections. */
  disconnect(): void {
    this.#open?.channel.close();
    this.#open = undefined;
  }
}

const third = await Service.start(last);
const second = await Service.start(passingOn(third));
const first = await Service.start(passingOn(second));

/** Given to each call, as a server would give its own: it must not keep anything of them. */
const forever = new AbortController().signal;

async function* lines(account: string, count: number) {
  for (let line = 0; line < count; line += 1) {
    yield { ...statementLine(`${line}`), accountId: account };
  }
}

async function* subscriptions(account: string) {
  yield { change: { case: "subscribe" as const, value: { accountIds: [account] } } };
}

async function all(responses: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of responses) {
    // Only the end is of interest.
  }
}

/** Calls whose caller leaves while all three handlers run. */
const left = async (call: (signal: AbortSignal) => Promise<unknown>): Promise<void> => {
  const leave = new AbortController();
  // Most of them have got through by then, and some have not: both must end.
  setTimeout(() => leave.abort(), 10);
  await ends("CANCELLED", call(leave.signal));
};

async function ends(code: string, call: Promise<unknown>): Promise<void> {
  const error = await call.then(
    () => undefined,
    (error: unknown) => error as LedgerError,
  );
  if (error?.code !== code) {
    throw new Error(`A call that should end with ${code} ended with ${error?.code ?? "OK"}`, { cause: error });
  }
}

const PATIENT = { timeoutMs: LONG_MS, signal: forever };

const CALLS: readonly (() => Promise<unknown>)[] = [
  () => first.client.getAccount({ accountId: "ok" }, PATIENT),
  () => all(first.client.listEntries({ accountId: "ok" }, PATIENT)),
  () => first.client.importEntries(lines("ok", 3), PATIENT),
  () => all(first.client.watch(subscriptions("ok"), PATIENT)),
  () => ends("ACCOUNT_NOT_FOUND", first.client.getAccount({ accountId: "fail" }, PATIENT)),
  () => ends("DEADLINE_EXCEEDED", first.client.getAccount({ accountId: "wait" }, { ...PATIENT, timeoutMs: 15 })),
  () => ends("DEADLINE_EXCEEDED", all(first.client.listEntries({ accountId: "wait" }, { ...PATIENT, timeoutMs: 15 }))),
  () => left((signal) => first.client.getAccount({ accountId: "wait" }, { timeoutMs: LONG_MS, signal })),
  () => left((signal) => all(first.client.watch(subscriptions("wait"), { timeoutMs: LONG_MS, signal }))),
  // Leaving the loop.
  () => once(first.client.listEntries({ accountId: "wait" }, PATIENT)),
  () => once(first.client.watch(subscriptions("wait"), PATIENT)),
];

/** When this process, in which all three services are, got no processor. */
const stalls: NamedStall[] = [];
watchStalls((stall) => void stalls.push({ process: "chain", ...stall }));

/** Says of a call that didn't end as it should whether it was lost, or had no processor to end with. */
async function judged(call: () => Promise<unknown>): Promise<void> {
  const from = Date.now();
  try {
    await call();
  } catch (error) {
    // The stall in which the call ended is told by the next turn of the timer.
    await delay(100);
    throw wasTooSlow(stalls, from, Date.now()) ? new Error(tooSlowVerdict(stalls), { cause: error }) : error;
  }
}

/** What the event loop waits for. */
function activeResources(): Record<string, number> {
  const resources: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) {
    resources[name] = (resources[name] ?? 0) + 1;
  }
  return resources;
}

/** How many emitters there are once no more go: what ended last is let go some turns later, and a busy machine has few turns. */
async function emittersLeft(): Promise<number> {
  let fewest = Number.POSITIVE_INFINITY;
  for (let same = 0; same < 5; same += 1) {
    globalThis.gc?.();
    // Node 20 has it from 20.13.
    const emitters = "queryObjects" in v8 ? v8.queryObjects(EventEmitter, { format: "count" }) : 0;
    if (emitters < fewest) {
      fewest = emitters;
      same = 0;
    }
    await delay(200);
  }
  return fewest;
}

function isConnected({ TCPSocketWrap = 0, ConnectWrap = 0, Timeout = 0 }: Record<string, number>): boolean {
  return TCPSocketWrap + ConnectWrap + Timeout > 0;
}

serveCommands({
  /** Makes so many calls, of all sorts in turn. */
  run: async ({ calls, concurrency }: { calls: number; concurrency: number }) => {
    let made = 0;
    const caller = async (): Promise<void> => {
      while (made < calls) {
        made += 1;
        const call = CALLS[made % CALLS.length];
        if (call !== undefined) {
          await judged(call);
        }
      }
    };
    await Promise.all(Array.from({ length: concurrency }, caller));
  },

  /** What is left when all is over and no connection is open: of handlers, of listeners, of what the event loop waits for, and on the heap. */
  left: async () => {
    while (running > 0) {
      await delay(5);
    }
    for (const service of [first, second, third]) {
      service.disconnect();
    }
    // Streams are closed some turns of the event loop after their calls have ended, connections once their peers have heard.
    let resources = activeResources();
    for (let wait = 0; wait < 500 && isConnected(resources); wait += 1) {
      await delay(20);
      resources = activeResources();
    }
    return {
      resources,
      abortListeners: getEventListeners(forever, "abort").length,
      emitters: await emittersLeft(),
      signals: "queryObjects" in v8 ? v8.queryObjects(AbortSignal, { format: "count" }) : 0,
      promises: "queryObjects" in v8 ? v8.queryObjects(Promise, { format: "count" }) : 0,
      heapBytes: process.memoryUsage().heapUsed,
    };
  },

  /** One call through the chain: what remains of its time in each of the three. */
  remaining: async ({ timeoutMs }: { timeoutMs: number }) => {
    const seen: number[] = [];
    remaining = seen;
    await first.client.getAccount({ accountId: "ok" }, { timeoutMs });
    remaining = undefined;
    return seen;
  },

  /** One call through the chain whose caller leaves: how many handlers ran then. When it answers, none does. */
  stop: async () => {
    const leave = new AbortController();
    const call = ends(
      "CANCELLED",
      first.client.getAccount({ accountId: "wait" }, { timeoutMs: LONG_MS, signal: leave.signal }),
    );
    while (running < 3) {
      await delay(1);
    }
    const before = running;
    leave.abort();
    await call;
    while (running > 0) {
      await delay(1);
    }
    return before;
  },
});

tell("ready");

import {
  allowedFaults,
  ContractMock,
  FAULTS,
  type FaultName,
  type MockFault,
  type ServiceContract,
} from "@accord-grpc/runtime/testing";
import { describe, expect, it } from "vitest";
import { AuditContract } from "../../example/src/gen/ledger/v1/audit_contract.js";
import { LedgerContract } from "../../example/src/gen/ledger/v1/ledger_contract.js";
import { mockedLedger } from "./mocked-ledger.fixture.js";

/** Long enough for a machine that is busy, for calls that don't end by it. */
const PATIENT = { timeoutMs: 20_000 };
const NO_LONGER = { timeoutMs: 300 };

type Mocked = Awaited<ReturnType<typeof mockedLedger>>;

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "OK",
    (error) => error.code,
  );

// What a client of the contract sees of each.
const SEEN: Readonly<Record<FaultName, (mocked: Mocked) => Promise<unknown>>> = {
  slow: async ({ mock, ledger }) => {
    mock.getAccount.meets("slow");
    return [await codeOf(ledger.getAccount({}, PATIENT)), mock.calls[0]?.fault];
  },
  past_deadline: async ({ mock, ledger }) => {
    mock.getAccount.meets("past_deadline");
    return codeOf(ledger.getAccount({}, NO_LONGER));
  },
  unavailable: async ({ mock, ledger }) => {
    mock.getAccount.once.meets("unavailable");
    return [await codeOf(ledger.getAccount({}, PATIENT)), mock.calls.map(({ attempt, status }) => [attempt, status])];
  },
  resource_exhausted: async ({ mock, ledger }) => {
    mock.getAccount.meets("resource_exhausted");
    return [await codeOf(ledger.getAccount({}, PATIENT)), mock.calls.length];
  },
  error: async ({ mock, ledger }) => {
    mock.getAccount.meets("error");
    return ["ACCOUNT_NOT_FOUND", "STORE_UNAVAILABLE"].includes(await codeOf(ledger.getAccount({}, PATIENT)));
  },
  cut: async ({ mock, ledger }) => {
    mock.listEntries.meets("cut");
    let count = 0;
    const code = await codeOf(
      (async () => {
        for await (const _ of ledger.listEntries({}, PATIENT)) {
          count += 1;
        }
      })(),
    );
    return [count, code];
  },
  reset: async ({ mock, ledger }) => {
    mock.getAccount.meets("reset");
    return [await codeOf(ledger.getAccount({}, PATIENT)), mock.calls.length];
  },
  silent: async ({ mock, ledger }) => {
    mock.getAccount.once.meets("silent");
    // The second call is on the same connection, and nothing of it arrives.
    return [
      await codeOf(ledger.getAccount({}, NO_LONGER)),
      await codeOf(ledger.getAccount({}, NO_LONGER)),
      mock.calls.length,
    ];
  },
  goaway: async ({ mock, ledger }) => {
    mock.getAccount.once.meets("goaway");
    const codes = [await codeOf(ledger.getAccount({}, PATIENT)), await codeOf(ledger.getAccount({}, PATIENT))];
    return [codes, new Set(mock.calls.map(({ peer }) => peer)).size];
  },
  drain: async ({ mock, ledger }) => {
    mock.getAccount.once.meets("drain");
    const waiting = { ...PATIENT, waitForReady: true };
    const codes = [await codeOf(ledger.getAccount({}, waiting)), await codeOf(ledger.getAccount({}, waiting))];
    return [codes, new Set(mock.calls.map(({ peer }) => peer)).size];
  },
};

const EXPECTED: Readonly<Record<FaultName, unknown>> = {
  slow: ["OK", "slow"],
  past_deadline: "DEADLINE_EXCEEDED",
  unavailable: [
    "OK",
    [
      [1, "UNAVAILABLE"],
      [2, "OK"],
    ],
  ],
  resource_exhausted: ["RESOURCE_EXHAUSTED", 1],
  error: true,
  cut: [2, "UNAVAILABLE"],
  reset: ["INTERNAL", 1],
  silent: ["DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED", 1],
  goaway: [["OK", "OK"], 2],
  drain: [["OK", "OK"], 2],
};

describe("what a client sees of the fault", () => {
  it.each(Object.keys(FAULTS) as FaultName[])("%s", async (name) => {
    expect(await SEEN[name](await mockedLedger())).toEqual(EXPECTED[name]);
  });
});

describe("which calls meet a fault", () => {
  const met = async (faults: readonly MockFault[], calls = 12) => {
    const { mock, ledger } = await mockedLedger({ faults });
    for (let count = 0; count < calls; count += 1) {
      await ledger
        .listEntries({ accountId: String(count) })
        [Symbol.asyncIterator]()
        .next()
        .catch(() => {});
    }
    return mock.calls.map(({ fault }, index) => (fault === undefined ? 0 : index + 1)).filter((index) => index > 0);
  };

  it("is said by place, by each nth, by share, by time, by method", async () => {
    const fault = "resource_exhausted" as const;
    expect(await met([{ fault, calls: [2, 5] }])).toEqual([2, 5]);
    expect(await met([{ fault, every: 4 }])).toEqual([4, 8, 12]);
    expect(await met([{ fault, share: 1 }], 3)).toEqual([1, 2, 3]);
    expect(await met([{ fault, share: 0 }], 3)).toEqual([]);
    expect(await met([{ fault, fromMs: 3_600_000 }], 3)).toEqual([]);
    expect(await met([{ fault, untilMs: 3_600_000 }], 3)).toEqual([1, 2, 3]);
    expect(await met([{ fault, method: "Transfer" }], 3)).toEqual([]);
    const some = await met([{ fault, share: 0.5 }]);
    expect(some).toEqual(await met([{ fault, share: 0.5 }]));
    expect(some.length).toBeGreaterThan(0);
    expect(some.length).toBeLessThan(12);
  });
});

describe("what chaos may do", () => {
  const ledger = new ContractMock([LedgerContract, AuditContract] as readonly ServiceContract[]).methods;
  const allowed = (name: string) => {
    const method = ledger.find(({ desc }) => desc.name === name);
    return method === undefined ? [] : [...allowedFaults(method)].sort();
  };
  const always = ["drain", "error", "goaway", "slow", "unavailable"];

  it("leaves open whether the work was done only where a call may be repeated", () => {
    // Without side effects; idempotent; with an idempotency key.
    const unsure = [...always, "past_deadline", "reset", "silent"].sort();
    expect(allowed("GetAccount")).toEqual(unsure);
    expect(allowed("OpenAccount")).toEqual(unsure);
    expect(allowed("Transfer")).toEqual(unsure);
    const none = ledger.map((method) => ({
      ...method,
      idempotencyKey: undefined,
      desc: { ...method.desc, idempotency: 0 },
    }));
    for (const method of none as unknown as typeof ledger) {
      expect([...allowedFaults(method)].sort()).toEqual(always);
    }
  });

  it("cuts streams alone, and passes no deadline where there is none", () => {
    expect(allowed("ListEntries")).toContain("cut");
    expect(allowed("Watch")).toEqual([...always, "cut", "reset", "silent"].sort());
  });

  it("sends no status that nobody declares", async () => {
    expect(ledger.flatMap((method) => [...allowedFaults(method)])).not.toContain("resource_exhausted");
  });

  it("meets calls by the share that is asked for, with faults that the contract allows and no other", async () => {
    const { mock, ledger: client } = await mockedLedger({ chaos: 1, seed: 5 });
    const asked = Array.from({ length: 12 }, (_, index) =>
      codeOf(client.getAccount({ accountId: String(index) }, { timeoutMs: 1_000, waitForReady: true })),
    );
    await Promise.all(asked);
    const met = mock.calls.flatMap(({ fault }) => fault ?? []);
    expect(met).toHaveLength(mock.calls.length);
    expect(met.filter((fault) => !allowed("GetAccount").includes(fault))).toEqual([]);
  });
});

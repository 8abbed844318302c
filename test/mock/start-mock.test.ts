import { startMock } from "@accord-grpc/runtime/testing";
import { toBinary, toJson } from "@bufbuild/protobuf";
import { describe, expect, it, onTestFinished } from "vitest";
import { AuditServiceClient } from "../../example/src/gen/ledger/v1/audit_client.js";
import { AuditContract } from "../../example/src/gen/ledger/v1/audit_contract.js";
import { InsufficientFundsError, SerializationConflictError } from "../../example/src/gen/ledger/v1/errors.js";
import { LedgerServiceClient } from "../../example/src/gen/ledger/v1/ledger_client.js";
import { LedgerContract } from "../../example/src/gen/ledger/v1/ledger_contract.js";
import { GetAccountResponseSchema } from "../../example/src/gen/ledger/v1/ledger_pb.js";
import { mockedLedger } from "./mocked-ledger.fixture.js";

const TRANSFER = {
  transfer: { sourceAccountId: "a", destinationAccountId: "b", amount: { minorUnits: 5n, currencyCode: "EUR" } },
};

describe("what nobody has said", () => {
  it("is the same for a seed, and another for another", async () => {
    const [first, again, other] = await Promise.all([
      mockedLedger({ seed: 3 }),
      mockedLedger({ seed: 3 }),
      mockedLedger({ seed: 4 }),
    ]);
    const answers = await Promise.all([first, again, other].map(({ ledger }) => ledger.getAccount({ accountId: "a" })));
    const [one, two, three] = answers.map((answer) =>
      Buffer.from(toBinary(GetAccountResponseSchema, answer)).toString("hex"),
    );
    expect(one).toBe(two);
    expect(one).not.toBe(three);
  });

  it("looks like what its fields are called, and has what was asked for", async () => {
    const { ledger } = await mockedLedger();
    const answer = await ledger.getAccount({ accountId: "a-17" });
    expect(toJson(GetAccountResponseSchema, answer)).toMatchObject({
      account: {
        accountId: "a-17",
        holderName: expect.stringMatching(/^[A-Z]\w+ [A-Z]\w+$/),
        iban: expect.stringMatching(/^DE\d{20}$/),
        balance: { currencyCode: expect.stringMatching(/^[A-Z]{3}$/) },
        createTime: expect.stringMatching(/^2025-/),
      },
    });
    expect(answer.account?.frozen).toBe(false);
  });

  it("streams a few messages whose numbers grow, and answers each message of a conversation", async () => {
    const { ledger } = await mockedLedger();
    const entries: bigint[] = [];
    for await (const { entry } of ledger.listEntries({ accountId: "a" })) {
      entries.push(entry?.entryId ?? 0n);
    }
    expect(entries).toEqual([1n, 2n, 3n]);
    let count = 0;
    const requests = [1, 2].map((index) => ({
      change: { case: "subscribe" as const, value: { accountIds: [`a-${index}`] } },
    }));
    for await (const _ of ledger.watch(requests, { timeoutMs: 20_000 })) {
      count += 1;
    }
    expect(count).toBe(2);
    const line = { accountId: "a", amount: { minorUnits: 5n, currencyCode: "EUR" } };
    const lines = ["1", "2"].map((reference) => ({ reference, ...line }));
    expect((await ledger.importEntries(lines)).booked).toBeGreaterThan(0n);
  });

  it("is answered again under the same idempotency key, and only there", async () => {
    const { mock, ledger } = await mockedLedger();
    mock.transfer.once.returns({ transferId: "first" });
    expect((await ledger.transfer({ ...TRANSFER, requestId: "r-1" })).transferId).toBe("first");
    expect((await ledger.transfer({ ...TRANSFER, requestId: "r-1" })).transferId).toBe("first");
    expect((await ledger.transfer({ ...TRANSFER, requestId: "r-2" })).transferId).not.toBe("first");
    expect(mock.transfer.calls.map(({ source }) => source)).toEqual(["test", "replay", "default"]);
  });
});

describe("what a test says", () => {
  it("raises a declared error as its servicer would, with metadata of the request where none is given", async () => {
    const { mock, ledger } = await mockedLedger();
    mock.transfer.raises("INSUFFICIENT_FUNDS", { balance: "3" });
    const { error } = await ledger.transfer.result(TRANSFER);
    expect(error).toBeInstanceOf(InsufficientFundsError);
    expect(error?.metadata).toEqual({ balance: "3", amount: expect.any(String), currency: expect.any(String) });
    expect(error?.message).toMatch(/^Balance 3 is below /);
    mock.getAccount.raises("ACCOUNT_NOT_FOUND");
    const unknown = await ledger.getAccount.result({ accountId: "a-9" });
    expect(unknown.error?.metadata).toEqual({ account: "a-9" });
  });

  it("is seen by a client that retries, with the contract's pushback", async () => {
    const { mock, ledger } = await mockedLedger();
    mock.transfer.once.raises("SERIALIZATION_CONFLICT");
    expect((await ledger.transfer(TRANSFER)).transferId).not.toBe("");
    expect(mock.transfer.calls.map(({ attempt, code }) => [attempt, code])).toEqual([
      [1, "SERIALIZATION_CONFLICT"],
      [2, undefined],
    ]);
    // RESEND_NEVER: although ABORTED is retried.
    mock.reset();
    mock.transfer.raises("STALE_ANCHOR");
    expect((await ledger.transfer.result(TRANSFER)).error?.code).toBe("STALE_ANCHOR");
    expect(mock.transfer.calls).toHaveLength(1);
    mock.reset();
    mock.transfer.raises("SERIALIZATION_CONFLICT");
    const { error } = await ledger.transfer.result(TRANSFER);
    expect(error).toBeInstanceOf(SerializationConflictError);
    expect(error?.retryAfterMs).toBe(25);
    expect(mock.transfer.calls).toHaveLength(5);
  });

  it("is for some calls alone: by request, by metadata, the nth, the next", async () => {
    const { mock, ledger } = await mockedLedger();
    mock.getAccount.when({ accountId: "gone" }).raises("ACCOUNT_NOT_FOUND");
    mock.getAccount.when({}, { "x-tenant": "acme" }).fails("PERMISSION_DENIED");
    mock.getAccount.nth(2).returns({ account: { accountId: "second" } });
    const code = async (accountId: string, metadata = {}) =>
      (await ledger.getAccount({ accountId }, { metadata }).then(
        ({ account }) => account?.accountId,
        (error) => error.code,
      )) as string;
    expect(await code("a")).toBe("a");
    expect(await code("a")).toBe("second");
    expect(await code("gone")).toBe("ACCOUNT_NOT_FOUND");
    expect(await code("a", { "x-tenant": "acme" })).toBe("PERMISSION_DENIED");
    expect(await code("a", { "x-tenant": "other" })).toBe("a");
    mock.getAccount.reset();
    expect(await code("gone")).toBe("gone");
  });

  it("matches nested fields, cases of oneofs and numbers, whatever else the request has", async () => {
    const { mock, ledger } = await mockedLedger();
    mock.transfer
      .when({ transfer: { amount: { minorUnits: 5n } } })
      .returns(({ transfer }) => ({ transferId: transfer?.memo ?? "" }));
    mock.watch
      .when({ change: { case: "subscribe", value: { accountIds: ["a"] } } })
      .returns([{ accountId: "x" }, { accountId: "y" }]);
    expect((await ledger.transfer({ transfer: { ...TRANSFER.transfer, memo: "m" } })).transferId).toBe("m");
    const seen: string[] = [];
    for await (const { accountId } of ledger.watch([{ change: { case: "subscribe", value: { accountIds: ["a"] } } }], {
      timeoutMs: 20_000,
    })) {
      seen.push(accountId);
    }
    expect(seen).toEqual(["x", "y"]);
  });

  it("is refused where the contract doesn't have it", async () => {
    const { mock } = await mockedLedger();
    // @ts-expect-error the type doesn't have it either
    expect(() => mock.getAccount.raises("INSUFFICIENT_FUNDS")).toThrow(/declares no error INSUFFICIENT_FUNDS/);
    // @ts-expect-error
    expect(() => mock.transfer.raises("INSUFFICIENT_FUND")).toThrow(/Did you mean INSUFFICIENT_FUNDS\?/);
    // @ts-expect-error
    expect(() => mock.transfer.when({ transfers: {} })).toThrow(/no field transfers/);
    // @ts-expect-error
    expect(() => mock.listEntries.returns({})).toThrow(/answers with a stream/);
    // @ts-expect-error
    expect(() => mock.transfer.meets("rest")).toThrow(/Did you mean reset\?/);
    await expect(startMock(LedgerContract, { chaos: 2 })).rejects.toThrow(/chaos must be a share from 0 to 1/);
  });
});

describe("what a caller asks for by metadata", () => {
  const asked = async (directive: string) => {
    const { ledger } = await mockedLedger();
    return ledger.transfer(TRANSFER, { metadata: { "x-accord-mock": directive } }).catch((error: unknown) => error);
  };

  it.each([
    ["error=INSUFFICIENT_FUNDS balance=3", { code: "INSUFFICIENT_FUNDS", metadata: { balance: "3" } }],
    ['status=DATA_LOSS message="all gone"', { code: "DATA_LOSS", message: "all gone" }],
    ["delay=1ms", { $typeName: "ledger.v1.TransferResponse" }],
    ["error=INSUFFICIENT_FUND", { message: expect.stringContaining("Did you mean INSUFFICIENT_FUNDS?") }],
    ["error=INSUFFICIENT_FUNDS balanse=3", { message: expect.stringContaining("Did you mean balance?") }],
    ["statsu=OK", { message: expect.stringContaining("Did you mean status?") }],
    ["gibberish", { message: expect.stringContaining("key=value") }],
  ])("%s", async (directive, expected) => {
    expect(await asked(directive)).toMatchObject(expected);
  });

  it("goes behind what a test says", async () => {
    const { mock, ledger } = await mockedLedger();
    mock.transfer.returns({ transferId: "said" });
    const { transferId } = await ledger.transfer(TRANSFER, { metadata: { "x-accord-mock": "error=STALE_ANCHOR" } });
    expect(transferId).toBe("said");
  });
});

it("refuses what the rules of its proto forbid, whatever it was told to answer, and takes the call down", async () => {
  const { ledger, mock } = await mockedLedger();
  mock.transfer.returns({ transferId: "t-1" });
  const { error } = await ledger.transfer.result({ transfer: { sourceAccountId: "a" } });
  expect(error?.code).toBe("INVALID_FIELD");
  expect(error?.details.map(({ typeUrl }) => typeUrl.replace(/^.*\//, ""))).toEqual(
    expect.arrayContaining(["google.rpc.BadRequest", "buf.validate.Violations"]),
  );
  expect(mock.transfer.calls).toMatchObject([{ status: "INVALID_ARGUMENT" }]);
});

it("mocks several services at one address, each by its name", async () => {
  const mock = await startMock({ ledger: LedgerContract, audit: AuditContract });
  onTestFinished(() => mock.close());
  mock.audit.setAccountFrozen.raises("ACCOUNT_NOT_FOUND", { account: "x" });
  mock.ledger.getAccount.returns({ account: { accountId: "said" } });
  const { error } = await new AuditServiceClient(mock.channel).setAccountFrozen.result({ accountId: "x" });
  expect(error?.code).toBe("ACCOUNT_NOT_FOUND");
  expect((await new LedgerServiceClient(mock.channel).getAccount({})).account?.accountId).toBe("said");
  expect(mock.calls.map(({ path }) => path)).toEqual([
    "ledger.v1.AuditService/SetAccountFrozen",
    "ledger.v1.LedgerService/GetAccount",
  ]);
});

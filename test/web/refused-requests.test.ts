import { createServer, type GrpcServer } from "@accord-grpc/runtime";
import { BadRequestSchema } from "@accord-grpc/runtime/google-rpc";
import { MemoryLogger } from "@accord-grpc/runtime/testing";
import { translateConnectError } from "@accord-grpc/runtime/web/v1";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { InvalidFieldError, LEDGER_ERROR_MAP } from "../../example/src/gen/ledger/v1/errors.js";
import { LedgerService } from "../../example/src/gen/ledger/v1/ledger_pb.js";
import { bindLedgerService, type LedgerServiceServicer } from "../../example/src/gen/ledger/v1/ledger_servicer.js";
import { transportOf, WEB_PROTOCOLS } from "../../runtime/test-support/web-protocols.js";

// A request that breaks the rules of its proto, over the protocols of the web: the caller learns which field and why, and nobody what it held.

const SECRET = "Ada, Countess of Lovelace";

const logger = new MemoryLogger();
let calls = 0;
let server: GrpcServer;
let port: number;
beforeAll(async () => {
  const count = async () => {
    calls += 1;
    return {};
  };
  const servicer = new Proxy({}, { get: () => count }) as LedgerServiceServicer;
  server = createServer([bindLedgerService(servicer)], { logger, handleSignals: false, drainMs: 500, http: {} });
  ({ port } = await server.start("127.0.0.1:0"));
});
afterAll(() => server.drain());
beforeEach(() => {
  logger.lines.length = 0;
  calls = 0;
});

/** `holder_name` and `iban` are redacted, and both break a rule; so does `currency_code`, which isn't. */
const WRONG = { accountId: "ada", holderName: SECRET.repeat(9), iban: SECRET, currencyCode: "euros" };

describe.each(WEB_PROTOCOLS)("over $name", (protocol) => {
  it("is refused with its violations, and quoted nowhere", async () => {
    const ledger = createClient(LedgerService, transportOf(protocol, port));
    const error = await ledger.openAccount(WRONG).then(
      () => undefined,
      (thrown: unknown) => ConnectError.from(thrown),
    );
    if (error === undefined) {
      throw new Error("The request was taken");
    }
    expect(error.code).toBe(Code.InvalidArgument);
    const [badRequest] = error.findDetails(BadRequestSchema);
    expect(badRequest?.fieldViolations.map(({ field, reason }) => [field, reason])).toEqual([
      ["holder_name", "STRING_MAX_LEN"],
      ["iban", "STRING_PATTERN"],
      ["currency_code", "STRING_PATTERN"],
    ]);
    const declared = translateConnectError(error, LEDGER_ERROR_MAP);
    expect(declared).toBeInstanceOf(InvalidFieldError);
    expect(declared.metadata).toMatchObject({ field: "holder_name" });
    expect(calls).toBe(0);

    const details = error.details.map(({ value }) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : JSON.stringify(value),
    );
    const headers = [...error.metadata].join("\n");
    const said = [error.message, headers, ...details].join("\n");
    expect(said).toContain("holder_name");
    expect(said).not.toContain(SECRET);
    await expect.poll(() => logger.lines.some(({ message }) => message === "openAccount.response")).toBe(true);
    expect(JSON.stringify(logger.lines)).not.toContain(SECRET);
  });

  it("reaches its method where it keeps them", async () => {
    const ledger = createClient(LedgerService, transportOf(protocol, port));
    await ledger.openAccount({ ...WRONG, holderName: SECRET, iban: "DE89370400440532013000", currencyCode: "EUR" });
    expect(calls).toBe(1);
  });
});

import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { accord, LEDGER_REQUEST, ProtoFolder, type World } from "./cli.fixture.js";
import { styledWidth } from "./text-style.js";

function explain(argv: readonly string[], world?: World) {
  return accord(["explain", ...argv, "--input", LEDGER_REQUEST], world);
}

describe("accord explain", () => {
  it("gives an overview", async () => {
    const { code, stdout, stderr } = await explain([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(`ledger.v1 (1 service)
  LedgerService
  Moves money between accounts.
    Transfer            unary          within 5 s     5 attempts  6 errors
    GetBalance          unary          within 500 ms  3 attempts  1 error
    ListEntries         server stream  within 90 s    sent once   1 error
    ImportEntries       client stream  within 5 s     sent once   1 error
    Watch (deprecated)  bidi stream    within 5 s     sent once   1 error
    Ping                unary          within 5 s     3 copies    1 error
`);
    expect((await explain(["ledger.v1"])).stdout).toBe(stdout);
  });

  it("explains a service", async () => {
    const { stdout } = await explain(["LedgerService"]);
    expect(stdout).toMatch(/^ledger\.v1\.LedgerService\n {2}Moves money between accounts\.\n/);
    expect(stdout).toContain("throttle     retries only while more than 50 of 100 tokens are left");
    expect(stdout).toContain("backends     weighted round robin, without those that fail more than the others");
    expect(stdout).toContain("  ACCOUNT_NOT_FOUND   NOT_FOUND            all methods\n");
    expect(stdout).toContain("  INSUFFICIENT_FUNDS  FAILED_PRECONDITION  Transfer\n");
  });

  it("explains a method: deadline, retries with their arithmetic, and a timeline", async () => {
    const { stdout } = await explain(["LedgerService.Transfer"]);
    expect(stdout).toContain(`Time
  deadline    5 s, unless the caller names another; the server grants 10 s at most
  sent again  up to 5 attempts, the first included, after UNAVAILABLE
  waits       120 ms + 240 ms + 480 ms + 960 ms = 1.8 s at most, jitter of 20 % included
  leaves      3.2 s of 5 s for the attempts themselves, at worst: 640 ms each

  attempt 1  o.......................................................................  0 s
`);
    expect(stdout).toMatch(
      / {2}attempt 5 {2} +=+o\.+ {2}1\.2–1\.8 s\n {13}\|-+\+-+\+-+\+-+\|\n {13}0 +2\.5 s +5 s, the deadline\n/,
    );
  });

  it("explains a method: errors, access, sizes and log", async () => {
    const { stdout } = await explain(["transfer"]);
    expect(stdout).toMatch(
      /^Raises \(6 errors\)\n {2}INSUFFICIENT_FUNDS {2}FAILED_PRECONDITION +InsufficientFundsError\n {4}"Balance \{balance\} is below \{amount\}"\n/m,
    );
    expect(stdout).toContain("may be tried again after 150 ms, by the caller");
    expect(stdout).toContain("the server forbids sending the call again");
    expect(stdout).toContain("a case of ACCOUNT_BLOCKED; carries account, docket_number");
    expect(stdout).toContain("may carry google.rpc.Help");
    expect(stdout).toContain("callers    only callers who are known, with transfer:write and transfer:read");
    expect(stdout).toContain("request id   request_id, which the client fills in");
    expect(stdout).toMatch(/ {2}account {14}from payer_account {6}as a hash\n/);
    expect(stdout).toMatch(/ {2}response {2}transfer\.booking\.id\n/);
    const balance = (await explain(["GetBalance"])).stdout;
    expect(balance).toContain("responses  64 KiB at most\n");
    expect(balance).toContain("connection  a call waits for one");
  });

  it("explains hedging and streams", async () => {
    const ping = (await explain(["Ping"])).stdout;
    expect(ping).toContain("caches     answers to calls by GET are kept by each caller's own cache, for 10 s\n");
    expect(ping).toContain("up to 3 copies, the first included, while none has ended");
    expect(ping).toContain("100 ms + 100 ms = 200 ms until the last copy is sent");
    expect(ping).toMatch(/ {2}copy 3 {2} +o\.+ {2}200 ms\n/);
    const watch = (await explain(["Watch"])).stdout;
    expect(watch).toContain("stream of ledger.v1.WatchRequest -> stream of ledger.v1.WatchResponse");
    expect(watch).toContain("deprecated   yes");
    expect(watch).toContain("sent again  never: each call is one attempt");
    expect(watch).not.toContain("attempt 1");
  });

  it.each([60, 80, 100, 140])("draws boxes as wide as the terminal: %d columns", async (terminal) => {
    for (const argv of [[], ["LedgerService"], ["Transfer"], ["GetBalance"], ["Ping"]]) {
      const { stdout } = await explain(argv, { terminal });
      const lines = stdout.trimEnd().split("\n");
      expect(new Set(lines.map(styledWidth))).toEqual(new Set([Math.min(terminal, 110)]));
      expect(stdout).toContain("\u001b[1m");
      const plain = lines.map(stripVTControlCharacters);
      expect(plain[0]).toMatch(/^╭─ .* ─+.*╮$/);
      expect(plain.every((line) => /^[╭│╰].*[╮│╯]$/.test(line))).toBe(true);
      // No style reaches beyond its line.
      for (const line of lines) {
        const [opened, closed] = [/\[(?:1|2|3[1-6])m/g, /\[(?:22|39)m/g].map((code) => line.match(code)?.length);
        expect(opened).toBe(closed);
      }
    }
  });

  it("draws boxes as wide as the terminal around names that are wider", async () => {
    const service = `${"Long".repeat(25)}Service`;
    const project = new ProtoFolder({
      "protos/a/v1/a.proto": `syntax = "proto3"; package a.v1; service ${service} { rpc ${"Do".repeat(45)}(M) returns (M); } message M {}`,
    }).installBuf();
    try {
      for (const argv of [[], [service], ["Do".repeat(45)]]) {
        const { stdout } = await accord(["explain", ...argv], { cwd: project.path, terminal: 80 });
        expect(new Set(stdout.trimEnd().split("\n").map(styledWidth))).toEqual(new Set([80]));
      }
    } finally {
      project.remove();
    }
  });

  it("is plain where there is no terminal, or no colour is wanted", async () => {
    const plain = (await explain(["Transfer"])).stdout;
    expect(plain).not.toMatch(/[╭│]/);
    expect(plain).toBe(stripVTControlCharacters(plain));
    expect((await explain(["Transfer"], { terminal: 100, env: { NO_COLOR: "1" } })).stdout).toBe(plain);
    expect((await explain(["Transfer"], { terminal: 100, env: { TERM: "dumb" } })).stdout).toBe(plain);
    expect((await explain(["Transfer", "--no-color"], { terminal: 100 })).stdout).toBe(plain);
    const colored = (await explain(["Transfer"], { terminal: 100 })).stdout;
    expect((await explain(["Transfer", "--color"])).stdout).toBe(colored);
    expect((await explain(["Transfer"], { env: { FORCE_COLOR: "1" } })).stdout).toBe(colored);
  });

  it("gives machines JSON", async () => {
    const all = JSON.parse((await explain(["--json"])).stdout);
    expect(all.services).toHaveLength(1);
    expect(all.services[0].methods).toHaveLength(6);
    const one = JSON.parse((await explain(["Transfer", "--json"], { terminal: 80 })).stdout);
    expect(one.services[0]).toMatchObject({
      service: "ledger.v1.LedgerService",
      errorDomain: "ledger.example.com",
      channel: { throttle: { maxTokens: 100, tokenRatio: 0.1 } },
      methods: [
        {
          fullName: "ledger.v1.LedgerService.Transfer",
          timeoutMs: 5000,
          maxTimeoutMs: 10000,
          idempotencyKey: "request_id",
          place: { path: "ledger/v1/ledger.proto", column: 7 },
          resend: { kind: "retry", codes: ["UNAVAILABLE"], worstCaseWaitMs: 1800, leftMs: 3200 },
          maxRequestBytes: null,
          auth: { requirement: "required", scopes: ["transfer:write", "transfer:read"] },
        },
      ],
    });
    expect(one.services[0].methods[0].raises[0]).toMatchObject({
      code: "INSUFFICIENT_FUNDS",
      status: "FAILED_PRECONDITION",
      metadata: ["balance", "amount"],
      resent: false,
    });
  });

  it.each([
    "ledger.v1.LedgerService.Transfer",
    "/ledger.v1.LedgerService/Transfer",
    "LedgerService/Transfer",
    "ledgerservice.transfer",
    "Transfer",
  ])("understands %s", async (name) => {
    expect((await explain([name])).stdout).toMatch(/^ledger\.v1\.LedgerService\/Transfer \(unary\)\n/);
  });

  it.each([
    ["LedgerServise", 'There is no service and no method "LedgerServise". Did you mean LedgerService?'],
    ["Ledger", 'There is no service and no method "Ledger". Did you mean LedgerService?'],
    [
      "ledger.v1.LedgerServise",
      'There is nothing called "ledger.v1.LedgerServise". Did you mean ledger.v1.LedgerService?',
    ],
    ["LedgerService.Tranfer", 'ledger.v1.LedgerService has no method "Tranfer". Did you mean Transfer?'],
    ["Tranfer", 'There is no service and no method "Tranfer". Did you mean Transfer?'],
    ["zzzzzzzz", 'There is no service and no method "zzzzzzzz".\nThe services are:\n  ledger.v1.LedgerService'],
    ["Zzzzzzz.Transfer", 'There is no service "Zzzzzzz".'],
  ])("helps with %s", async (name, message) => {
    const { code, stdout, stderr } = await explain([name]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.startsWith(`accord: ${message}`)).toBe(true);
  });
});

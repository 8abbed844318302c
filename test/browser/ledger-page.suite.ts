import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { GrpcServer } from "@accord-grpc/runtime";
import { MemoryLogger } from "@accord-grpc/runtime/testing";
import type { Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AuditServicer } from "../../example/src/apps/ledger-server/audit-servicer.js";
import { openAccount, setAccountFrozen } from "../../example/src/apps/ledger-server/books/account.js";
import { BalanceFeed } from "../../example/src/apps/ledger-server/books/balance-feed.js";
import { importStatement } from "../../example/src/apps/ledger-server/books/statement-import.js";
import { bookTransfer } from "../../example/src/apps/ledger-server/books/transfer.js";
import type { Database } from "../../example/src/apps/ledger-server/database/database.js";
import { openDatabase } from "../../example/src/apps/ledger-server/database/open-database.js";
import { DRIVER_ERRORS } from "../../example/src/apps/ledger-server/driver-errors.js";
import { LedgerServicer } from "../../example/src/apps/ledger-server/ledger-servicer.js";
import { type PageServer, servePage } from "../../example/src/apps/page-server/page-server.js";
import { createLedgerV1Server } from "../../example/src/gen/ledger/v1/server.js";
import { describeInChromium, openChromium, type TestBrowser } from "./chromium.js";

// example/web in a browser: built as it is shipped, from an origin of its own, against the ledger's real server and database.

const here = fileURLToPath(new URL(".", import.meta.url));
/** Run in the page. */
const CONTRASTS = readFileSync(join(here, "contrasts.js"), "utf8");
const SHOTS = join(here, "../../docs/web");

/** The ledger's server, which can be restarted at its port over the same books. */
class Ledger {
  readonly port: number;
  readonly #database: Database;
  readonly #origin: string;
  #running: { readonly server: GrpcServer; readonly feed: BalanceFeed } | undefined;

  constructor(port: number, database: Database, origin: string) {
    this.port = port;
    this.#database = database;
    this.#origin = origin;
  }

  async start(): Promise<void> {
    const feed = await BalanceFeed.open(this.#database);
    const server = createLedgerV1Server(
      { ledger: new LedgerServicer(this.#database, feed), audit: new AuditServicer(this.#database) },
      {
        logger: new MemoryLogger(),
        handleSignals: false,
        errors: DRIVER_ERRORS,
        drainMs: 2_000,
        http: { cors: { origins: [this.#origin] } },
      },
    );
    await server.start(`127.0.0.1:${this.port}`);
    this.#running = { server, feed };
  }

  /** As main.ts does on SIGTERM. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    running?.feed.endWatches();
    await running?.server.drain();
    await running?.feed.close();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

describeInChromium("the ledger's page", () => {
  const folder = mkdtempSync(join(tmpdir(), "accord-page-"));
  let database: Database;
  let pages: PageServer;
  let ledger: Ledger;
  let browser: TestBrowser;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    await build({ configFile: join(here, "../../example/web/vite.config.ts"), build: { outDir: folder } });
    const port = await freePort();
    const accounts = ["alice", "bob", "flower-shop"];
    const settings = { ledgerUrl: `http://127.0.0.1:${port}`, accounts };
    pages = await servePage(folder, { host: "127.0.0.1", port: 0 }, () => settings);
    database = await openDatabase({});
    ledger = new Ledger(port, database, pages.origin);
    await ledger.start();
    await setUpBooks(database);
    browser = await openChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await ledger?.stop();
    await pages?.close();
    await database?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    await page?.close();
    page = await browser.context.newPage();
    faults.length = 0;
    page.on("pageerror", (error) => faults.push(String(error)));
    await page.setViewportSize({ width: 1_000, height: 760 });
    await page.goto(pages.origin);
    await connected("Live");
  });

  const connected = (state: string) =>
    expect.poll(() => page.locator("#connection").textContent(), { timeout: 20_000 }).toBe(state);

  const balanceOf = (accountId: string) => page.locator("label.account", { hasText: accountId }).locator(".balance");

  async function transfer(to: string, amount: string, memo = ""): Promise<void> {
    await page.getByLabel("To", { exact: true }).fill(to);
    await page.getByLabel("Amount").fill(amount);
    await page.getByLabel("Memo").fill(memo);
    await page.getByRole("button", { name: "Transfer" }).click();
  }

  /** How well each text can be read before what is behind it. */
  async function contrasts(): Promise<readonly { readonly text: string; readonly ratio: number }[]> {
    const found: { text: string; ratio: number }[] = await page.evaluate(CONTRASTS);
    expect(found.length).toBeGreaterThan(10);
    return found;
  }

  const memos = () => page.locator("#entries td:nth-child(3)").allTextContents();

  /** Renewed by `UPDATE=1 npm run browser`, for docs/web.md. */
  async function shoot(name: string): Promise<void> {
    const shot = await page.screenshot({
      ...(process.env.UPDATE && { path: join(SHOTS, `${name}.png`) }),
      animations: "disabled",
    });
    expect(shot.byteLength).toBeGreaterThan(5_000);
  }

  it("shows accounts, balances and entries, and a transfer as soon as it is booked", async () => {
    expect(await balanceOf("alice").textContent()).toBe("€2,500.00");
    await transfer("bob", "25,50", "Concert");
    await expect.poll(() => page.locator("#outcome").textContent()).toBe("€25.50 sent to bob.");
    await expect.poll(memos).toContain("Concert");
    await expect.poll(() => balanceOf("alice").textContent()).toBe("€2,474.50");
    await expect.poll(() => balanceOf("bob").textContent()).toBe("€25.50");
    expect(faults).toEqual([]);
    await shoot("page");
  });

  it("shows what others book, without asking again", async () => {
    await book(database, "bob", "alice", 100n, "from elsewhere");
    await expect.poll(memos).toContain("from elsewhere");
  });

  describe("says what the contract declares, where it can be put right", () => {
    it.each([
      ["INSUFFICIENT_FUNDS", "bob", "999999", "amount", /^alice has €[\d,.]+\. That doesn't cover €999,999\.00\.$/],
      ["ACCOUNT_NOT_FOUND", "nobody", "1", "destination", /^There is no account “nobody”\.$/],
      ["ACCOUNT_FROZEN", "frozen", "1", "destination", /^frozen is frozen: it can't take money at the moment\.$/],
      ["CURRENCY_MISMATCH", "tokyo", "1", "destination", /^tokyo takes JPY, not EUR\.$/],
      ["what is no amount", "bob", "one", "amount", /^Write an amount like 12\.50\.$/],
      ["nobody at all", "", "1", "destination", /^Who is to get it\?$/],
    ])("%s", async (name, to, amount, field, text) => {
      await transfer(to, amount);
      const problem = page.locator(`#${field}-problem`);
      await expect.poll(() => problem.textContent()).toMatch(text);
      const input = page.locator(`#${field}`);
      // A reader of the screen is brought to the field, and told why.
      expect(await input.getAttribute("aria-invalid")).toBe("true");
      expect(await input.getAttribute("aria-describedby")).toBe(`${field}-problem`);
      expect(await page.locator(`#${field}:focus`).count()).toBe(1);
      if (name === "INSUFFICIENT_FUNDS") {
        await shoot("refused");
      }
      await input.fill("another");
      expect(await problem.textContent()).toBe("");
    });
  });

  it("is served by the keyboard alone", async () => {
    await page.reload();
    await connected("Live");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the transfer");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => page.locator("#transfer-source").textContent()).toMatch(/^bob/);
    await page.keyboard.press("ArrowUp");
    await expect.poll(() => page.locator("#transfer-source").textContent()).toMatch(/^alice/);
    for (const text of ["", "", "bob", "1", "by keyboard"]) {
      await page.keyboard.press("Tab");
      if (text !== "") {
        await page.keyboard.type(text);
      }
    }
    await page.keyboard.press("Enter");
    await expect.poll(memos).toContain("by keyboard");
  });

  const focused = () => page.evaluate("document.activeElement.textContent");

  it("fits a narrow screen, and a dark one", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 360, height: 800 });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
      // What WCAG 2 asks for at the level AA, of text of any size.
      expect((await contrasts()).filter(({ ratio }) => ratio < 4.5)).toEqual([]);
    }
    await shoot("narrow-dark");
  });

  it("goes on over a rollout: no entry is missed, and none comes twice", async () => {
    await transfer("bob", "1", "before");
    await expect.poll(memos).toContain("before");
    const had = await memos();
    await ledger.stop();
    await connected("Reconnecting…");
    await shoot("reconnecting");
    // Another replica books meanwhile.
    await book(database, "alice", "bob", 100n, "meanwhile");
    await ledger.start();
    await connected("Live");
    await transfer("bob", "1", "after");
    await expect.poll(memos).toEqual(["after", "meanwhile", ...had]);
    expect(faults).toEqual([]);
  });

  it("books once what is sent again because nobody knows what became of it", async () => {
    const had = (await memos()).length;
    // The answer is lost, not the transfer.
    await page.route("**/*.LedgerService/Transfer", async (route) => {
      await route.fetch();
      await route.abort();
    });
    await transfer("bob", "1", "once");
    const outcome = page.locator("#outcome");
    await expect
      .poll(() => outcome.textContent(), { timeout: 20_000 })
      .toContain("It isn't known whether the transfer was made.");
    await page.unroute("**/*.LedgerService/Transfer");
    await outcome.getByRole("button", { name: "Send again" }).click();
    await expect.poll(() => outcome.textContent()).toContain("sent to bob");
    await expect.poll(async () => (await memos()).filter((memo) => memo === "once")).toEqual(["once"]);
    expect((await memos()).length).toBe(had + 1);
  });

  it("shows another account, or says that there is none", async () => {
    await page.getByLabel("Another account").fill("nobody");
    await page.getByRole("button", { name: "Show" }).click();
    await expect.poll(() => page.locator("#show-problem").textContent()).toBe("There is no account “nobody”.");
    await page.getByLabel("Another account").fill("tokyo");
    await page.getByRole("button", { name: "Show" }).click();
    await expect.poll(() => balanceOf("tokyo").textContent()).toBe("¥1,000");
    expect(await page.locator("#transfer-source").textContent()).toBe("tokyo (¥1,000)");
  });
});

async function setUpBooks(database: Database): Promise<void> {
  const accounts = [
    ["alice", "Alice Abendroth", "EUR", 250_000n],
    ["bob", "Bob Blumenfeld", "EUR", 0n],
    ["flower-shop", "Flora GmbH", "EUR", 12_500n],
    ["frozen", "Frieda Frost", "EUR", 0n],
    ["tokyo", "Hana Sato", "JPY", 1_000n],
  ] as const;
  for (const [accountId, holderName, currencyCode, minorUnits] of accounts) {
    await openAccount(database, { accountId, holderName, iban: "", currencyCode });
    if (minorUnits > 0n) {
      await importStatement(
        database,
        line({ reference: accountId, accountId, minorUnits, currencyCode, memo: "Opening" }),
        () => 5_000,
      );
    }
  }
  await setAccountFrozen(database, "frozen", true);
}

async function* line<T>(only: T): AsyncGenerator<T> {
  yield only;
}

async function book(database: Database, from: string, to: string, minorUnits: bigint, memo: string): Promise<void> {
  const accounts = { sourceAccountId: from, destinationAccountId: to };
  await bookTransfer(database, {
    requestId: memo,
    ...accounts,
    minorUnits,
    currencyCode: "EUR",
    memo,
    anchor: undefined,
  });
}

import { buildChannel } from "@accord-grpc/runtime/codegen/v1";
import { ContractMock } from "@accord-grpc/runtime/testing";
import { credentials } from "@grpc/grpc-js";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { LEDGER_V1_SERVICE_CONFIG } from "../../example/src/gen/ledger/v1/channel.js";
import { LedgerServiceClient } from "../../example/src/gen/ledger/v1/ledger_client.js";
import { LedgerContract } from "../../example/src/gen/ledger/v1/ledger_contract.js";
import { startUi } from "../../plugin/src/cli/mock/ui/start-ui.js";
import { describeInChromium, openChromium } from "./chromium.js";

const closing: (() => unknown)[] = [];

afterAll(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

describeInChromium("the page of accord mock", () => {
  let page: Page;
  let ledger: LedgerServiceClient;
  const complaints: string[] = [];

  beforeAll(async () => {
    const mock = new ContractMock([LedgerContract]);
    const { address } = await mock.start("127.0.0.1:0");
    closing.push(() => mock.close());
    const channel = buildChannel(address, LEDGER_V1_SERVICE_CONFIG, { credentials: credentials.createInsecure() });
    closing.push(() => channel.close());
    ledger = new LedgerServiceClient(channel);
    const ui = await startUi(mock, 0);
    closing.push(() => ui.close());
    const browser = await openChromium();
    closing.push(() => browser.close());
    page = await browser.context.newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("dialog", (dialog) => {
      complaints.push("a dialog");
      void dialog.dismiss();
    });
    await page.goto(ui.url);
    await page.getByText("seed 1").waitFor();
  });

  const row = (text: string) => page.locator("#calls tr", { hasText: text });

  it("lists what is served, with a button for each error and each fault", async () => {
    expect(await page.locator("details").count()).toBe(7);
    const transfer = page.locator('details[data-method="ledger.v1.LedgerService/Transfer"]');
    expect(await transfer.locator("button.error").allTextContents()).toContain("INSUFFICIENT_FUNDS");
    expect(await transfer.locator("button.error").count()).toBe(9);
    expect(await transfer.locator("button.fault").count()).toBe(10);
  });

  it("shows calls as they come, and nothing that is redacted", async () => {
    await ledger.openAccount({
      accountId: "shown-1",
      holderName: "Somebody Secret",
      iban: "DE00SECRET000000000000",
      currencyCode: "EUR",
    });
    await row("shown-1").waitFor();
    const text = await row("shown-1").textContent();
    expect(text).toContain("ledger.v1.LedgerService/OpenAccount");
    expect(text).toContain("OK");
    expect(text).toContain("[REDACTED]");
    expect(await page.content()).not.toMatch(/Secret|SECRET/);
  });

  it("has the next call fail as a button says, and the attempt after it be seen", async () => {
    await page.locator("summary", { hasText: "GetAccount" }).click();
    const method = page.locator('details[data-method="ledger.v1.LedgerService/GetAccount"]');
    await method.getByRole("button", { name: "ACCOUNT_NOT_FOUND" }).click();
    await page.getByText("The next call of ledger.v1.LedgerService/GetAccount: ACCOUNT_NOT_FOUND").waitFor();
    expect((await ledger.getAccount.result({ accountId: "pressed-1" })).error?.code).toBe("ACCOUNT_NOT_FOUND");
    await row("pressed-1").getByText("NOT_FOUND ACCOUNT_NOT_FOUND").waitFor();

    await method.getByRole("button", { name: "unavailable", exact: true }).click();
    await page.getByText("GetAccount: unavailable").waitFor();
    expect((await ledger.getAccount({ accountId: "pressed-2" })).account?.accountId).toBe("pressed-2");
    await row("pressed-2").nth(1).waitFor();
    const attempts = await row("pressed-2").locator("td:nth-child(3)").allTextContents();
    expect(attempts).toEqual(["2", "1"]);
  });

  it("takes what calls say for text, whatever it looks like", async () => {
    const hostile = '</script><img src=x onerror=alert(1)><b id="made">';
    await ledger.getAccount({ accountId: hostile });
    await row("onerror").waitFor();
    expect(await page.locator("#made, #calls img").count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});

import { request } from "node:http";
import { ContractMock } from "@accord-grpc/runtime/testing";
import { afterEach, describe, expect, it } from "vitest";
import { LedgerContract } from "../../../../../example/src/gen/ledger/v1/ledger_contract.js";
import { startUi } from "./start-ui.js";

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

async function open() {
  const mock = new ContractMock([LedgerContract]);
  const ui = await startUi(mock, 0);
  closing.push(() => ui.close());
  const ask = (method: string, path: string, headers: Record<string, string> = {}, body = "") =>
    new Promise<Answer>((resolve, reject) => {
      const asked = request(new URL(path, ui.url), { method, headers }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
      });
      asked.on("error", reject).end(body);
    });
  return { ui, ask };
}

const OWN = { "content-type": "application/json", "x-accord-mock-page": "1" };
const TRANSFER = "ledger.v1.LedgerService/Transfer";

describe("the page's server", () => {
  it("sends a page that runs nothing but its own script", async () => {
    const { ask } = await open();
    const { status, headers, text } = await ask("GET", "/");
    expect(status).toBe(200);
    const nonce = /<script nonce="([^"]+)">/.exec(text)?.[1];
    expect(headers["content-security-policy"]).toContain(`default-src 'none'; script-src 'nonce-${nonce}'`);
    expect((await ask("GET", "/")).text).not.toContain(String(nonce));
    expect((await ask("GET", "/elsewhere")).status).toBe(404);
  });

  it("is for names of this machine alone, so that no other page can be led to it", async () => {
    const { ask } = await open();
    expect((await ask("GET", "/", { host: "rebound.example.com" })).status).toBe(421);
    expect((await ask("POST", "/answers", { ...OWN, host: "rebound.example.com" }, "{}")).status).toBe(421);
    expect((await ask("GET", "/", { host: "localhost:1234" })).status).toBe(200);
  });

  it.each([
    [
      "without the page's own header",
      { "content-type": "application/json" },
      { method: TRANSFER, fault: "reset" },
      403,
    ],
    ["as a form would send it", { ...OWN, "content-type": "text/plain" }, { method: TRANSFER, fault: "reset" }, 403],
    ["for a method that isn't there", OWN, { method: "toString" }, 400],
    ["for an error that isn't declared", OWN, { method: TRANSFER, error: "toString" }, 400],
    ["for a fault that isn't one", OWN, { method: TRANSFER, fault: "constructor" }, 400],
    ["as nothing", OWN, null, 400],
    ["as it should be", OWN, { method: TRANSFER, fault: "reset" }, 204],
  ])("takes what is pressed %s", async (_, headers, body, status) => {
    const { ask } = await open();
    expect((await ask("POST", "/answers", headers, JSON.stringify(body))).status).toBe(status);
  });

  it("tells in a line of a port that is in use", async () => {
    const { ui } = await open();
    const port = Number(new URL(ui.url).port);
    await expect(startUi(new ContractMock([LedgerContract]), port)).rejects.toThrow(
      `Can't serve the page on port ${port}: something else is listening there.`,
    );
  });
});

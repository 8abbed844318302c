import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { describeInChromium, openChromium } from "./chromium.js";

describeInChromium("the browser of the tests", () => {
  it("opens a page of this machine", async () => {
    const server = createServer((_, response) => {
      response.setHeader("content-type", "text/html").end("<title>here</title>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const browser = await openChromium();
    try {
      const page = await browser.context.newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      expect(await page.title()).toBe("here");
    } finally {
      await browser.close();
      server.close();
    }
  });
});

import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { describeInChromium, openChromium, type TestBrowser } from "./chromium.js";

// The documentation's site as readers have it: `npm run site` has built it. SITE_PICTURES names a folder for pictures of what was looked at.

const SITE = join(import.meta.dirname, "../../site/build/site");
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
const WIDTHS = { wide: { width: 1280, height: 900 }, narrow: { width: 360, height: 740 } };

describeInChromium("the documentation's site", () => {
  let server: Server;
  let origin: string;
  let browser: TestBrowser;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    if (!existsSync(join(SITE, "index.html"))) {
      throw new Error("The site isn't built: npm run site");
    }
    server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://site");
      const file = join(SITE, decodeURIComponent(pathname.endsWith("/") ? `${pathname}index.html` : pathname));
      const found = [file, `${file}.html`].find((path) => extname(path) !== "" && existsSync(path));
      response.writeHead(found === undefined ? 404 : 200, {
        "content-type": TYPES[extname(found ?? "")] ?? "text/plain",
      });
      response.end(found === undefined ? "" : readFileSync(found));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });
  beforeEach(async () => {
    page = await browser.context.newPage();
    await page.setViewportSize(WIDTHS.wide);
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    problems = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("response", (response) => {
      if (response.status() >= 400) {
        problems.push(`${response.status()} ${response.url()}`);
      }
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(origin) && !request.url().startsWith("data:")) {
        problems.push(`asks others: ${request.url()}`);
      }
    });
  });
  afterEach(async ({ task }) => {
    const folder = process.env.SITE_PICTURES;
    if (folder !== undefined) {
      mkdirSync(folder, { recursive: true });
      await page.screenshot({ path: join(folder, `${task.name.replaceAll(/\W+/g, "-")}.png`) });
    }
    await page.close();
    expect(problems).toEqual([]);
  });

  it("begins with what it is, and its picture", async () => {
    await page.goto(`${origin}/`);
    expect(await page.locator("h1").first().textContent()).toContain("Accord");
    const picture = page.locator("main img").first();
    await picture.scrollIntoViewIfNeeded();
    await expect.poll(() => page.evaluate("document.querySelector('main img').naturalWidth")).toBeGreaterThan(0);
  });

  it("finds a rule by searching for it", async () => {
    await page.goto(`${origin}/quickstart.html`);
    await page.locator("button.DocSearch-Button").click();
    await page.locator("input.search-input").fill("RETRY_UNSAFE");
    const first = page.locator(".VPLocalSearchBox .result").first();
    await first.waitFor();
    expect(await first.textContent()).toContain("RETRY_UNSAFE");
    await first.click();
    await page.waitForURL(/rules\/retry_unsafe/);
    await expect.poll(() => page.locator("main h1").textContent()).toContain("RETRY_UNSAFE");
  });

  it("leads an old link to a rule's row, and from there to its page", async () => {
    await page.goto(`${origin}/rules.html#retry_codes`);
    await page.locator('main a[href$="/rules/retry_codes.html"]').first().click();
    await page.waitForURL(/rules\/retry_codes/);
    await expect.poll(() => page.locator("main").textContent()).toContain("error RETRY_CODES:");
  });

  it("is dark for who has it dark, and can be read then", async () => {
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
    await page.goto(`${origin}/errors.html`);
    expect(await page.locator("html").getAttribute("class")).toContain("dark");
    for (const place of ["main h1", "main p", "main pre code"]) {
      expect(await contrast(page, place), place).toBeGreaterThan(4.5);
    }
  });

  it("can be read when it is light", async () => {
    await page.goto(`${origin}/errors.html`);
    for (const place of ["main h1", "main p", "main pre code", "aside a"]) {
      expect(await contrast(page, place), place).toBeGreaterThan(4.5);
    }
  });

  const narrow = [
    "index",
    "quickstart",
    "rules",
    "rules/retry_codes",
    "language",
    "comparison",
    "performance",
    "api/index",
  ];
  it.each(narrow)("fits a telephone, tables and code within themselves: %s", async (name) => {
    await page.setViewportSize(WIDTHS.narrow);
    await page.goto(`${origin}/${name}.html`);
    const wider = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
    expect(wider).toBeLessThanOrEqual(0);
  });

  it("has its sidebar behind a button on a telephone", async () => {
    await page.setViewportSize(WIDTHS.narrow);
    await page.goto(`${origin}/concepts.html`);
    await page.locator("button.menu").click();
    await page.locator('.VPSidebar a[href$="/limits.html"]').click();
    await page.waitForURL(/limits/);
  });

  it("opens each page without a fault", async () => {
    const pages = readdirSync(SITE).filter((name) => name.endsWith(".html") && name !== "404.html");
    expect(pages.length).toBeGreaterThan(25);
    for (const name of pages) {
      await page.goto(`${origin}/${name}`);
      expect(await page.locator("main h1").count(), name).toBe(1);
    }
  }, 400_000);
});

/** WCAG's contrast between a place's text and what is behind it. What runs in the page is text here, where there is no DOM's types. */
function contrast(page: Page, place: string): Promise<number> {
  return page.evaluate(`(${CONTRAST})(document.querySelector(${JSON.stringify(place)}))`);
}

const CONTRAST = `(element) => {
  const channels = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = (color) => {
    const [red, green, blue] = channels(color)
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  let behind = element;
  while (behind !== null && (channels(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0) {
    behind = behind.parentElement;
  }
  const ground = luminance(behind === null ? "rgb(255, 255, 255)" : getComputedStyle(behind).backgroundColor);
  const text = luminance(getComputedStyle(element).color);
  return (Math.max(ground, text) + 0.05) / (Math.min(ground, text) + 0.05);
}`;

import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";
import { describe } from "vitest";

// The browser is the system's (Debian's package `chromium`): playwright-core brings none, and downloads none.
const CANDIDATES = [
  ...(process.env.CHROMIUM === undefined ? [] : [process.env.CHROMIUM]),
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

// It is to ask nobody but the page under test for anything.
const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/** A browser with a profile of its own. */
export interface TestBrowser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** Where the browser is; `undefined`: there is none. */
export function chromiumPath(): string | undefined {
  return CANDIDATES.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Starts a browser. @throws {Error} if there is none */
export async function openChromium(): Promise<TestBrowser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) {
    throw new Error(NONE);
  }
  const profile = mkdtempSync(join(tmpdir(), "accord-chromium-"));
  const context = await chromium.launchPersistentContext(profile, { executablePath, args: FLAGS, headless: true });
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** Tests in a browser: skipped where there is none, by a name that says why. CI has one, and fails without. */
export function describeInChromium(name: string, tests: () => void): void {
  const isMissing = chromiumPath() === undefined && process.env.CI === undefined;
  describe.skipIf(isMissing)(isMissing ? `${name} (skipped: ${NONE})` : name, tests);
}

const NONE = "there is no Chromium: install Debian's package chromium, or name one in CHROMIUM";

import { accessSync, constants } from "node:fs";
import type { Browser } from "playwright-core";

// playwright-core drives a browser that is there, and downloads none.
const CANDIDATES = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const SILENT = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"];

/** Starts Chromium, where there is one. */
export async function openBrowser(): Promise<Browser | undefined> {
  const executablePath = CANDIDATES.find((path): path is string => path !== undefined && isProgram(path));
  if (executablePath === undefined) {
    return undefined;
  }
  const { chromium } = await import("playwright-core");
  return chromium.launch({ executablePath, args: SILENT });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

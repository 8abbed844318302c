import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAX_INPUT_BYTES, readRegularFile, readStream } from "./bounded-input.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "accord-input-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("readRegularFile", () => {
  it.skipIf(process.platform === "win32")("reads a file, through links too", () => {
    writeFileSync(join(folder, "file"), "content");
    symlinkSync("file", join(folder, "link"));
    writeFileSync(join(folder, "empty"), "");
    expect(readRegularFile(join(folder, "file")).toString()).toBe("content");
    expect(readRegularFile(join(folder, "link")).toString()).toBe("content");
    expect(readRegularFile(join(folder, "empty")).length).toBe(0);
  });

  it.runIf(process.platform === "linux")("reads what says that it is empty, and isn't", () => {
    expect(readRegularFile("/proc/self/status").toString()).toContain("Pid:");
  });

  it.runIf(process.platform !== "win32")("refuses what waits, or has no end, without opening it", async () => {
    spawnSync("mkfifo", [join(folder, "fifo")]);
    symlinkSync("/dev/zero", join(folder, "zero"));
    mkdirSync(join(folder, "folder"));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(folder, "socket"), resolve));
    for (const [name, kind] of [
      ["fifo", "a named pipe"],
      ["zero", "a device"],
      ["folder", "a folder"],
      ["socket", "a socket"],
    ] as const) {
      expect(() => readRegularFile(join(folder, name)), name).toThrow(`it is ${kind}, and a file is expected`);
    }
    server.close();
  });

  it("refuses what is larger than the limit, and takes what isn't", () => {
    const path = join(folder, "large");
    writeFileSync(path, "");
    truncateSync(path, MAX_INPUT_BYTES + 1);
    expect(() => readRegularFile(path)).toThrow("it is larger than 256 MiB");
  });
});

describe("readStream", () => {
  it("reads to the end, and stops at the limit", async () => {
    async function* chunks(count: number): AsyncGenerator<Uint8Array> {
      const chunk = Buffer.alloc(1 << 20);
      for (let sent = 0; sent < count; sent++) {
        yield chunk;
      }
      // Whoever reads on would wait here for ever.
      if (count > MAX_INPUT_BYTES >> 20) {
        await new Promise(() => {});
      }
    }
    expect((await readStream(chunks(3))).length).toBe(3 << 20);
    await expect(readStream(chunks((MAX_INPUT_BYTES >> 20) + 1))).rejects.toThrow("it is larger than 256 MiB");
  });
});

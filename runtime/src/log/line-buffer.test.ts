import { setImmediate as tick } from "node:timers/promises";
import { expect, it } from "vitest";
import { LineBuffer } from "./line-buffer.js";

/** Where bytes go: takes as much as `takes` says, and throws what it says otherwise. */
class Pipe {
  text = "";
  writes = 0;
  takes: number | string = Number.POSITIVE_INFINITY;

  readonly write = (bytes: Uint8Array, from: number): number => {
    this.writes += 1;
    if (typeof this.takes === "string") {
      throw Object.assign(new Error(this.takes), { code: this.takes });
    }
    const taken = Math.min(this.takes, bytes.byteLength - from);
    this.takes -= taken;
    if (taken === 0) {
      throw Object.assign(new Error("full"), { code: "EAGAIN" });
    }
    this.text += Buffer.from(bytes.subarray(from, from + taken)).toString("latin1");
    return taken;
  };
}

it("writes once a tick, in order", async () => {
  const pipe = new Pipe();
  const buffer = new LineBuffer(pipe.write);
  for (let i = 0; i < 100; i += 1) {
    buffer.write(`${i}\n`);
  }
  expect(pipe.writes).toBe(0);
  await tick();
  expect(pipe.writes).toBe(1);
  expect(pipe.text.split("\n")).toEqual([...Array.from({ length: 100 }, (_, i) => `${i}`), ""]);
});

it("doesn't collect more than a batch within a tick", () => {
  const pipe = new Pipe();
  const buffer = new LineBuffer(pipe.write, { batch: 10 });
  for (let i = 0; i < 10; i += 1) {
    buffer.write("12345\n");
  }
  expect(pipe.writes).toBe(5);
});

it("goes on where a full pipe stopped it", async () => {
  const pipe = new Pipe();
  const buffer = new LineBuffer(pipe.write);
  pipe.takes = 7;
  buffer.write("first\n");
  buffer.write("second\n");
  await tick();
  expect(pipe.text).toBe("first\ns");
  buffer.write("third\n");
  await tick();
  expect(pipe.text).toBe("first\ns");
  pipe.takes = Number.POSITIVE_INFINITY;
  await expect.poll(() => pipe.text).toBe("first\nsecond\nthird\n");
});

it("keeps a limited number of lines, and tells of those that it lost", async () => {
  const pipe = new Pipe();
  const buffer = new LineBuffer(pipe.write, { batch: 50, most: 100, lostLine: (count) => `lost ${count}\n` });
  pipe.takes = 0;
  for (let i = 0; i < 1000; i += 1) {
    buffer.write("0123456789\n");
  }
  await tick();
  expect(pipe.text).toBe("");
  pipe.takes = Number.POSITIVE_INFINITY;
  await expect.poll(() => pipe.text).toContain("lost");
  const lines = pipe.text.split("\n").slice(0, -1);
  expect(lines.at(-1)).toBe(`lost ${1000 - (lines.length - 1)}`);
  expect(lines.length).toBeLessThan(20);
  buffer.write("and on\n");
  await expect.poll(() => pipe.text).toContain("and on\n");
});

it("writes at once where it is told to", () => {
  const pipe = new Pipe();
  const buffer = new LineBuffer(pipe.write);
  buffer.immediate = true;
  buffer.write("a\n");
  expect(pipe.text).toBe("a\n");
});

it("waits at the end for a reader that takes a little at a time", () => {
  const pipe = new Pipe();
  const buffer = new LineBuffer((bytes, from) => {
    // Every second time it has room for three bytes.
    pipe.takes = pipe.writes % 2 === 0 ? 3 : 0;
    return pipe.write(bytes, from);
  });
  buffer.write("a line\n");
  buffer.flushAll();
  expect(pipe.text).toBe("a line\n");
});

it("doesn't wait for ever at the end", () => {
  const pipe = new Pipe();
  pipe.takes = 0;
  const buffer = new LineBuffer(pipe.write);
  buffer.write("a line\n");
  buffer.flushAll();
  expect(pipe.text).toBe("");
});

it.each(["EPIPE", "EBADF"])("writes nothing more when there is nobody to read it: %s", async (code) => {
  const pipe = new Pipe();
  const buffer = new LineBuffer(pipe.write);
  pipe.takes = code;
  buffer.write("a\n");
  await tick();
  pipe.takes = Number.POSITIVE_INFINITY;
  buffer.write("b\n");
  await tick();
  expect([pipe.text, pipe.writes]).toEqual(["", 1]);
});

it("goes on in a line of its own when a disk that was full isn't any more", async () => {
  const pipe = new Pipe();
  let isFull = false;
  const buffer = new LineBuffer((bytes, from) => {
    if (isFull) {
      throw Object.assign(new Error("full"), { code: "ENOSPC" });
    }
    isFull = from === 0 && bytes.byteLength > 5;
    pipe.takes = isFull ? 3 : bytes.byteLength;
    return pipe.write(bytes, from);
  });
  buffer.write("lost in its midst\n");
  await tick();
  isFull = false;
  buffer.write("b\n");
  await tick();
  expect(pipe.text).toBe("los\nb\n");
});

import { type AddressInfo, createServer } from "node:net";
import { credentials } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { buildChannel } from "../../runtime/src/channel/channel.js";
import { probeClient } from "../../runtime/test-support/probe-client.js";
import type { ChildEvent, ChildProcess } from "./child-process.js";
import { startProgram } from "./node-program.js";

// `await server.serve(address)`: the life of a process whose business is to serve.

const close: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(close.splice(0).map((each) => each()));
});

async function launch(...args: readonly string[]): Promise<ChildProcess> {
  const process = await startProgram("e2e/programs/served.ts", args);
  close.push(() => process.kill());
  return process;
}

const said = (message: string) => (event: ChildEvent) => event.message === message;

async function start(end: string): Promise<{ process: ChildProcess; address: string }> {
  const process = await launch("127.0.0.1:0", end);
  const { address } = await process.event(said("server.started"));
  return { process, address: String(address) };
}

async function call(address: string): Promise<void> {
  const channel = buildChannel(address, {}, { credentials: credentials.createInsecure() });
  close.push(() => channel.close());
  await probeClient(channel).unary({}, { timeoutMs: 60_000 });
}

describe("a process that serves", () => {
  it("leaves with 0 when all is answered, whatever still goes on in it", async () => {
    const { process, address } = await start("nothing");
    await call(address);
    process.signal("SIGTERM");
    expect(await process.exited).toEqual({ code: 0, signal: null });
    expect(process.stderr).toBe("");
    expect(process.events.at(-1)).toMatchObject({ message: "server.closed", outcome: "drained" });
  });

  it("cleans up before", async () => {
    const { process } = await start("cleans-up");
    process.signal("SIGTERM");
    expect(await process.exited).toEqual({ code: 0, signal: null });
    expect(process.events.at(-1)).toEqual({ event: "cleaned-up", outcome: "drained" });
  });

  it("has its logger write what it holds", async () => {
    const process = await launch("127.0.0.1:0", "lazy-logger");
    await process.event("listening");
    process.signal("SIGTERM");
    expect(await process.exited).toEqual({ code: 0, signal: null });
    const all = ["listening", "server.started", "server.draining", "server.closed"];
    expect(process.events.map(({ event, message }) => message ?? event)).toEqual(all);
  });

  it("leaves with 1 and a line when calls were cut off", async () => {
    const { process, address } = await start("cuts-off");
    call(address).catch(() => {});
    await process.event(({ event }) => event === "handling");
    process.signal("SIGTERM");
    expect(await process.exited).toEqual({ code: 1, signal: null });
    expect(process.stderr).toBe("The server has ended with 1 calls unanswered\n");
  });

  it.each([
    ["can't-clean-up", "cleanUp failed: the books are locked\\u000afor ever\n"],
    ["cleans-up-for-ever", "cleanUp wasn't done within 50 ms (cleanUpMs)\n"],
  ])("leaves with 1 and a line when it %s", async (end, line) => {
    const { process } = await start(end);
    process.signal("SIGTERM");
    expect(await process.exited).toEqual({ code: 1, signal: null });
    expect(process.stderr).toBe(line);
  });

  it("says in a line that its port is in use, and leaves with 1", async () => {
    const occupant = createServer();
    await new Promise<void>((resolve) => occupant.listen(0, "127.0.0.1", resolve));
    close.push(() => occupant.close());
    const address = `127.0.0.1:${(occupant.address() as AddressInfo).port}`;
    const process = await launch(address);
    expect(await process.exited).toEqual({ code: 1, signal: null });
    expect(process.stderr).toBe(
      `Can't listen on ${address}: something else is listening there. Stop it, or choose another port\n`,
    );
  });
});

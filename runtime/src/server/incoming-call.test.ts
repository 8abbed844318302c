import { getEventListeners } from "node:events";
import { Metadata } from "@grpc/grpc-js";
import { afterEach, expect, it, vi } from "vitest";
import { ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { insecureChannel, probeClient } from "../../test-support/probe-client.js";
import { ProbeCancelledError, ProbeUnavailableError } from "../../test-support/probe-errors.js";
import { type RawServer, startRawServer } from "../../test-support/raw-server.js";
import type { CallContext } from "../call/call-context.js";
import { runWithCall } from "../call/current-call.js";
import type { Channel } from "../channel/channel.js";
import { Status } from "../wire/status.js";

// A call that is made in a handler ends when the handler's own call does.

const open: { close(): void }[] = [];

afterEach(() => {
  for (const resource of open.splice(0).reverse()) {
    resource.close();
  }
});

async function silentServer(): Promise<{ channel: Channel; deadlines: number[]; server: RawServer }> {
  const deadlines: number[] = [];
  const server = await startRawServer({
    unary: (call) => void deadlines.push(Number(call.getDeadline())),
    serverStream: (call) => void deadlines.push(Number(call.getDeadline())),
  });
  const channel = insecureChannel(server.target);
  open.push(server, channel);
  return { channel, deadlines, server };
}

function incoming(signal: AbortSignal, remainingMs: number): CallContext {
  const deadline = Number.isFinite(remainingMs) ? new Date(Date.now() + remainingMs) : undefined;
  return {
    method: ProbeService.method.unary,
    path: "/probe.v1.ProbeService/Unary",
    signal,
    deadline,
    timeRemaining: () => (deadline === undefined ? remainingMs : Math.max(0, deadline.getTime() - Date.now())),
    requestMetadata: new Metadata(),
    responseHeaders: new Metadata(),
    responseTrailers: new Metadata(),
    sendHeaders: () => {},
    reportLoad: () => {},
    peer: "127.0.0.1:1",
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    values: { get: (key) => key.defaultValue, set: () => expect.fail() },
  };
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail("resolved"),
    (error: unknown) => error,
  );
}

it("the deadline is what remains of the incoming call, if that is less", async () => {
  const { channel, deadlines } = await silentServer();
  const { signal } = new AbortController();
  const context = incoming(signal, 300);
  const client = probeClient(channel);
  const error = await rejection(runWithCall(context, () => client.unary({}, { timeoutMs: 60_000 })));
  expect(error).toBeInstanceOf(ProbeUnavailableError);
  expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  // grpc-timeout is rounded up to a millisecond, and counted from the call's arrival.
  expect(deadlines[0]).toBeLessThan(Number(context.deadline) + 30_000);
});

it("the deadline is the call's own, if that is less", async () => {
  const { channel, deadlines } = await silentServer();
  const client = probeClient(channel);
  const context = incoming(new AbortController().signal, 60_000);
  const error = await rejection(runWithCall(context, () => client.unary({}, { timeoutMs: 200 })));
  expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  expect(deadlines[0]).toBeLessThan(Number(context.deadline) - 30_000);
});

it("no call is made when nothing remains", async () => {
  const { channel } = await silentServer();
  const createCall = vi.spyOn(channel, "createCall");
  const context = incoming(new AbortController().signal, 0);
  const error = await rejection(runWithCall(context, () => probeClient(channel).unary({}, { timeoutMs: Infinity })));
  expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED", status: Status.DEADLINE_EXCEEDED });
  expect(createCall).not.toHaveBeenCalled();
});

it("is cancelled with the incoming call, and leaves no listener on it", async () => {
  const { channel } = await silentServer();
  const controller = new AbortController();
  const context = incoming(controller.signal, Number.POSITIVE_INFINITY);
  const client = probeClient(channel);
  const calls = runWithCall(context, () => Array.from({ length: 15 }, () => rejection(client.unary({}))));
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
  const reason = new Error("the caller left");
  controller.abort(reason);
  for (const error of await Promise.all(calls)) {
    expect(error).toBeInstanceOf(ProbeCancelledError);
    expect(error).toMatchObject({
      message: "Cancelled with the incoming call /probe.v1.ProbeService/Unary",
      cause: reason,
    });
  }
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
});

it("a signal that tells of the incoming call's deadline isn't a cancel", async () => {
  const { channel } = await silentServer();
  const controller = new AbortController();
  const context = { ...incoming(controller.signal, 60_000), timeRemaining: () => 0 };
  const failed = rejection(runWithCall(context, () => probeClient(channel).unary({})));
  controller.abort();
  expect(await failed).toMatchObject({ code: "DEADLINE_EXCEEDED" });
});

it("a stream belongs to the call in which it was asked for, wherever it is iterated", async () => {
  const { channel } = await silentServer();
  const controller = new AbortController();
  const context = incoming(controller.signal, 60_000);
  const stream = runWithCall(context, () => probeClient(channel).serverStream({}));
  const reading = rejection(stream[Symbol.asyncIterator]().next());
  controller.abort();
  expect(await reading).toBeInstanceOf(ProbeCancelledError);
});

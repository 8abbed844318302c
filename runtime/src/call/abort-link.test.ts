import { getEventListeners } from "node:events";
import { expect, it, vi } from "vitest";
import { ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { probeClient } from "../../test-support/probe-client.js";
import { bindProbe } from "../../test-support/probe-service.js";
import { createCallContext } from "../testing/call-context.js";
import { startTestServer } from "../testing/index.js";
import { abortOf, linkAbort, unlinkAbort } from "./abort-link.js";
import type { Abortable } from "./abortable.js";
import { currentCall } from "./current-call.js";
import { ServerCallContext } from "./server-call-context.js";

it("has one listener for all targets, and none when they are gone", () => {
  const { signal } = new AbortController();
  const targets: Abortable[] = Array.from({ length: 100 }, () => ({ aborted: () => {} }));
  for (const target of targets) {
    linkAbort(signal, target);
  }
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  for (const target of targets) {
    unlinkAbort(signal, target);
    unlinkAbort(signal, target);
  }
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

it("tells each target once, also after it was linked anew", () => {
  const controller = new AbortController();
  const target = { aborted: vi.fn() };
  linkAbort(controller.signal, target);
  unlinkAbort(controller.signal, target);
  linkAbort(controller.signal, target);
  const gone = { aborted: vi.fn() };
  linkAbort(controller.signal, gone);
  unlinkAbort(controller.signal, gone);
  controller.abort();
  expect(target.aborted).toHaveBeenCalledExactlyOnceWith(controller.signal);
  expect(gone.aborted).not.toHaveBeenCalled();
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
});

it("a target may unlink another while it is told", () => {
  const controller = new AbortController();
  const second = { aborted: vi.fn() };
  linkAbort(controller.signal, { aborted: () => unlinkAbort(controller.signal, second) });
  linkAbort(controller.signal, second);
  controller.abort();
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
});

it("goes by the signal of a call that was made by hand", () => {
  const controller = new AbortController();
  const call = createCallContext(ProbeService.method.unary, { signal: controller.signal });
  const [target, gone] = [{ aborted: vi.fn() }, { aborted: vi.fn() }];
  linkAbort(call, target);
  linkAbort(call, gone);
  unlinkAbort(call, gone);
  expect(abortOf(call)).toBeUndefined();
  controller.abort("why");
  expect(abortOf(call)).toEqual({ reason: "why" });
  expect(target.aborted).toHaveBeenCalledExactlyOnceWith(controller.signal);
  expect(gone.aborted).not.toHaveBeenCalled();
});

it("links a served call, with its signal or without", async () => {
  const contexts: ServerCallContext[] = [];
  const world = await startTestServer([
    bindProbe({
      unary() {
        const call = currentCall();
        if (call instanceof ServerCallContext) {
          contexts.push(call);
        }
        return {};
      },
    }),
  ]);
  const client = probeClient(world.channel);
  await client.unary({});
  await client.unary({});
  const told: unknown[] = [];
  const reason = new Error("over");
  for (const [index, call] of contexts.entries()) {
    const target = { aborted: (source: unknown) => void told.push(source) };
    const gone = { aborted: vi.fn() };
    if (index === 1) {
      call.signal.addEventListener("abort", () => told.push("signal"));
    }
    linkAbort(call, target);
    linkAbort(call, target);
    linkAbort(call, gone);
    unlinkAbort(call, gone);
    expect(abortOf(call)).toBeUndefined();
    call.abort(reason);
    call.abort(new Error("again"));
    expect(abortOf(call)).toEqual({ reason });
    expect(gone.aborted).not.toHaveBeenCalled();
  }
  expect(told).toEqual([contexts[0], "signal", contexts[1]]);
  await world.close();
});

it("a handler's calls need no signal of the call that it serves", async () => {
  const last = await startTestServer([bindProbe({ unary: ({ id }) => ({ id }) })]);
  const next = probeClient(last.channel);
  const middle = await startTestServer([bindProbe({ unary: ({ id }) => next.unary({ id }) })]);
  const client = probeClient(middle.channel);
  await client.unary({});
  const controllers = vi.spyOn(globalThis, "AbortController");
  expect((await client.unary({ id: "a" })).id).toBe("a");
  expect(controllers).not.toHaveBeenCalled();
  controllers.mockRestore();
  await middle.close();
  await last.close();
});

import { getEventListeners } from "node:events";
import { expect, it, vi } from "vitest";
import { type Abortable, linkAbort, unlinkAbort } from "./abort-link.js";

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

import { expect, it } from "vitest";
import { KEEPALIVE_OPTION } from "../grpc-js/keepalive-policy.js";
import { type ChannelOptions, type Keepalive, keepaliveOptions } from "./channel-options.js";

function policyOf(keepalive: Keepalive, extra?: ChannelOptions): unknown {
  const options = keepaliveOptions(keepalive, extra);
  // grpc-js's own takes answers to pings alone for life.
  expect(options["grpc.keepalive_time_ms"]).toBe(-1);
  return JSON.parse(String(Reflect.get(options, KEEPALIVE_OPTION)));
}

it.each([
  ["responsive", { pings: "careful", askAfterMs: 8_000, answerMs: 10_000, whenIdle: false }],
  ["conservative", { pings: "spare", askAfterMs: 330_000, answerMs: 20_000, whenIdle: false }],
] as const)("%s", (keepalive, policy) => {
  expect(policyOf(keepalive)).toEqual(policy);
});

it("off asks nothing", () => {
  expect(policyOf("off")).toMatchObject({ pings: "off" });
});

it("times of one's own", () => {
  const policy = { pings: "careful", askAfterMs: 60_000, answerMs: 5_000, whenIdle: false };
  expect(policyOf({ timeMs: 60_000, timeoutMs: 5_000 })).toEqual(policy);
  expect(policyOf({ timeMs: 60_000, timeoutMs: 5_000, whenIdle: true })).toEqual({ ...policy, whenIdle: true });
  expect(policyOf({ timeMs: Number.POSITIVE_INFINITY, timeoutMs: 5_000 })).toMatchObject({
    askAfterMs: Number.MAX_SAFE_INTEGER,
  });
});

it("grpc-js's options win, and mean what they say", () => {
  expect(policyOf("off", { "grpc.keepalive_time_ms": 7_000 })).toEqual({
    pings: "careful",
    askAfterMs: 7_000,
    answerMs: 20_000,
    whenIdle: false,
  });
  const all = {
    "grpc.keepalive_time_ms": 7_000,
    "grpc.keepalive_timeout_ms": 3_000,
    "grpc.keepalive_permit_without_calls": 1,
  } as const;
  expect(policyOf("responsive", all)).toMatchObject({ answerMs: 3_000, whenIdle: true });
  expect(policyOf("responsive", { "grpc.keepalive_time_ms": -1 })).toMatchObject({ pings: "off" });
});

import { Metadata } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { callMetadata } from "./call-metadata.js";

const none = { defaults: undefined, own: undefined, waitForReady: undefined };

it("takes a record, with bytes under binary keys", () => {
  const metadata = callMetadata({ ...none, own: { "X-Tenant": "a", "trace-bin": new Uint8Array([1, 2]) } });
  expect(metadata.get("x-tenant")).toEqual(["a"]);
  expect(metadata.get("trace-bin")).toEqual([Buffer.from([1, 2])]);
});

it("copies the caller's Metadata, with all values and options", () => {
  const own = new Metadata({ idempotentRequest: true });
  own.add("x", "1");
  own.add("x", "2");
  const metadata = callMetadata({ ...none, own, waitForReady: true });
  expect(metadata).not.toBe(own);
  expect(metadata.get("x")).toEqual(["1", "2"]);
  expect(metadata.getOptions()).toEqual({ idempotentRequest: true, waitForReady: true });
  metadata.set("y", "3");
  expect(own.get("y")).toEqual([]);
  expect(own.getOptions()).toEqual({ idempotentRequest: true });
});

it("takes the Metadata of another copy of grpc-js", () => {
  const foreign = {
    getMap: () => ({ x: "1" }),
    get: () => ["1", "2"],
    getOptions: () => ({ waitForReady: true }),
  } as unknown as Metadata;
  const metadata = callMetadata({ ...none, own: foreign });
  expect(metadata).toBeInstanceOf(Metadata);
  expect(metadata.get("x")).toEqual(["1", "2"]);
  expect(metadata.getOptions()).toEqual({ waitForReady: true });
});

it("a key of the call's own replaces the default, all of its values", () => {
  const defaults = new Metadata();
  defaults.add("x", "default 1");
  defaults.add("x", "default 2");
  defaults.add("y", "default");
  const metadata = callMetadata({ ...none, defaults, own: { x: "own" } });
  expect(metadata.get("x")).toEqual(["own"]);
  expect(metadata.get("y")).toEqual(["default"]);
});

it("only a call that says so waits for a connection", () => {
  expect(callMetadata(none).getOptions()).toEqual({});
  expect(callMetadata({ ...none, waitForReady: false }).getOptions()).toEqual({ waitForReady: false });
});

it.each([{ "x y": "1" }, { x: "Jürgen" }, { "x-bin": "text" }, { x: new Uint8Array([1]) }])("refuses %j", (own) => {
  expect(() => callMetadata({ ...none, own })).toThrow();
});

import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack, durationFromMs } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import { ErrorInfoSchema, HelpSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "../gen/google/rpc/status_pb.js";
import { encodeRpcStatus, type RpcStatusInit } from "./rpc-status-bytes.js";

const PLAIN: RpcStatusInit = {
  code: 9,
  message: "too low",
  reason: "TOO_LOW",
  domain: "probe.example.com",
  metadata: [],
};

/** The same by protobuf-es. */
function expected({ code, message, first, reason, domain, metadata, retryAfterMs, docUrl }: RpcStatusInit): Buffer {
  const info = create(ErrorInfoSchema, { reason, domain, metadata: Object.fromEntries(metadata) });
  const details = [anyPack(ErrorInfoSchema, info)];
  if (first !== undefined) {
    details.unshift({ ...details[0], typeUrl: `type.googleapis.com/${first.typeName}`, value: first.bytes } as never);
  }
  if (retryAfterMs !== undefined) {
    details.push(anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: durationFromMs(retryAfterMs) })));
  }
  if (docUrl !== undefined) {
    details.push(anyPack(HelpSchema, create(HelpSchema, { links: [{ description: reason, url: docUrl }] })));
  }
  return Buffer.from(toBinary(StatusSchema, create(StatusSchema, { code, message, details })));
}

it.each<[string, Partial<RpcStatusInit>]>([
  ["a plain error", {}],
  ["empty texts", { message: "", reason: "", domain: "" }],
  [
    "metadata",
    {
      metadata: [
        ["balance", "3"],
        ["", ""],
        ["über", "💰 und 中文"],
      ],
    },
  ],
  ["texts beyond ASCII", { message: "Zu wenig, ünd das 💰" }],
  [
    "texts whose length takes two bytes and three",
    { message: "m".repeat(300), metadata: [["long", "ü".repeat(20_000)]] },
  ],
  ["a detail of the domain's own", { first: { typeName: "probe.v1.Detail", bytes: Uint8Array.of(0, 128, 255, 10) } }],
  ["an empty detail", { first: { typeName: "probe.v1.Detail", bytes: new Uint8Array() } }],
  ["no delay", { retryAfterMs: 0 }],
  ["a delay", { retryAfterMs: 1500 }],
  ["a long delay", { retryAfterMs: 9_999_999_999_001 }],
  ["a link", { docUrl: "https://example.com/ü" }],
])("encodes %s as protobuf-es does", (_, init) => {
  const status = { ...PLAIN, ...init };
  expect(encodeRpcStatus(status)).toEqual(expected(status));
});

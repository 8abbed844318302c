import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyPack, durationFromMs } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import { ErrorInfoSchema, HelpSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "../gen/google/rpc/status_pb.js";
import { encodeRpcStatus, encodeStatusDetail, type RpcStatusInit } from "./rpc-status-bytes.js";

const PLAIN: RpcStatusInit = {
  code: 9,
  message: "too low",
  reason: "TOO_LOW",
  domain: "probe.example.com",
  metadata: [],
};

/** The same by protobuf-es. */
function expected({ code, message, first, reason, domain, metadata, retryAfterMs, docUrl }: RpcStatusInit): Buffer {
  const details: Any[] = [];
  if (first !== undefined) {
    details.push(create(AnySchema, { typeUrl: `type.googleapis.com/${first.typeName}`, value: first.bytes }));
  }
  if (reason !== undefined) {
    const info = create(ErrorInfoSchema, {
      reason,
      domain: domain ?? "",
      metadata: Object.fromEntries(metadata ?? []),
    });
    details.push(anyPack(ErrorInfoSchema, info));
  }
  if (retryAfterMs !== undefined) {
    details.push(anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: durationFromMs(retryAfterMs) })));
  }
  if (docUrl !== undefined) {
    details.push(anyPack(HelpSchema, create(HelpSchema, { links: [{ description: reason ?? "", url: docUrl }] })));
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
  ["no error info", { reason: undefined, domain: undefined, metadata: undefined }],
  ["a link", { docUrl: "https://example.com/ü" }],
])("encodes %s as protobuf-es does", (_, init) => {
  const status = { ...PLAIN, ...init };
  expect(encodeRpcStatus(status)).toEqual(expected(status));
});

it.each<[string, MessageInitShape<typeof AnySchema>]>([
  ["a message", { typeUrl: "type.googleapis.com/probe.v1.Detail", value: Uint8Array.of(0, 128, 255, 10) }],
  ["an empty message", { typeUrl: "type.googleapis.com/probe.v1.Detail" }],
  [
    "a long one, of another registry",
    { typeUrl: "types.example.com/ü.v1.Détail", value: new Uint8Array(20_000).fill(7) },
  ],
  ["a part of some larger bytes", { typeUrl: "a/b", value: Uint8Array.of(1, 2, 3, 4).subarray(1, 3) }],
])("adds %s as protobuf-es does", (_, init) => {
  const detail = create(AnySchema, init);
  const whole = create(StatusSchema, { code: 9, message: "too low", details: [detail] });
  const bytes = Buffer.concat([encodeRpcStatus({ code: 9, message: "too low" }), encodeStatusDetail(detail)]);
  expect(bytes).toEqual(Buffer.from(toBinary(StatusSchema, whole)));
});

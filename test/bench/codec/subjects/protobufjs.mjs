import protobuf from "protobufjs/minimal.js";
import { codec } from "../gen/protobufjs/bench.js";

const { Long } = protobuf.util;
const of = (type) => codec.bench.v1[type];

/** protobufjs's plain objects, as its encoders take them: numbers of 64 bits are Longs, a oneof's cases are fields. */
export const shapeOf = ({ anchor, ...init }) =>
  asPlain(anchor === undefined ? init : { ...init, [anchor.case]: anchor.value });

export const createFor = (type) => (init) => of(type).fromObject(init);
export const encoderFor = (type) => (message) => of(type).encode(message).finish();
export const initEncoderFor = (type) => (init) => of(type).encode(init).finish();
export const decoderFor = (type) => (bytes) => of(type).decode(bytes);

function asPlain(value) {
  if (typeof value === "bigint") {
    return Long.fromBigInt(value);
  }
  if (typeof value !== "object" || value instanceof Uint8Array) {
    return value;
  }
  return Array.isArray(value)
    ? value.map(asPlain)
    : Object.fromEntries(Object.entries(value).map(([key, field]) => [key, asPlain(field)]));
}

import { Page, Series, Transfer } from "../gen/ts-proto/codec/bench/v1/bench.js";

const TYPES = { Page, Series, Transfer };

/** ts-proto's init shapes are as protobuf-es's, but for the name of a oneof's case. */
export const shapeOf = ({ anchor, ...init }) =>
  anchor === undefined ? init : { ...init, anchor: { $case: anchor.case, value: anchor.value } };

const of = (type) => TYPES[type];

export const createFor = (type) => (init) => of(type).fromPartial(init);
export const encoderFor = (type) => (message) => of(type).encode(message).finish();
export const initEncoderFor = (type) => (init) => of(type).encode(of(type).fromPartial(init)).finish();
export const decoderFor = (type) => (bytes) => of(type).decode(bytes);

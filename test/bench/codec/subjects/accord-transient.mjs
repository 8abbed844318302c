import { create } from "@bufbuild/protobuf";
import { PageCodec, SeriesCodec, TransferCodec } from "../gen/es/codec/bench/v1/bench_codec.js";

const CODECS = { Page: PageCodec, Series: SeriesCodec, Transfer: TransferCodec };

// As grpc-js's server takes it: straight into the frame. The others are followed by that copy, which isn't measured.
const of = (type) => CODECS[type];

export const createFor = (type) => (init) => create(of(type).schema, init);
export const encoderFor = (type) => (message) => of(type).encodeTransient(message);
export const initEncoderFor = (type) => (init) => of(type).encodeTransient(init);
export const decoderFor = undefined;

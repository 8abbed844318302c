import { create } from "@bufbuild/protobuf";
import { PageCodec, SeriesCodec, TransferCodec } from "../gen/es/codec/bench/v1/bench_codec.js";

const CODECS = { Page: PageCodec, Series: SeriesCodec, Transfer: TransferCodec };

const of = (type) => CODECS[type];

export const createFor = (type) => (init) => create(of(type).schema, init);
export const encoderFor = (type) => (message) => of(type).encode(message);
export const initEncoderFor = (type) => (init) => of(type).encode(init);
export const decoderFor = (type) => (bytes) => of(type).decode(bytes);

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { PageSchema, SeriesSchema, TransferSchema } from "../gen/es/codec/bench/v1/bench_pb.js";

const SCHEMAS = { Page: PageSchema, Series: SeriesSchema, Transfer: TransferSchema };

const of = (type) => SCHEMAS[type];

export const createFor = (type) => (init) => create(of(type), init);
export const encoderFor = (type) => (message) => toBinary(of(type), message);
export const initEncoderFor = (type) => (init) => toBinary(of(type), create(of(type), init));
export const decoderFor = (type) => (bytes) => fromBinary(of(type), bytes);

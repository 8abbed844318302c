import type { Metadata } from "@grpc/grpc-js";
import { type Context, propagation, ROOT_CONTEXT, type TextMapGetter, type TextMapSetter } from "@opentelemetry/api";
import { guarded } from "./telemetry-fault.js";

const GETTER: TextMapGetter<Metadata> = {
  keys: (metadata) => Object.keys(metadata.getMap()),
  get(metadata, key) {
    const values = metadata.get(key).filter((value) => typeof value === "string");
    return values.length < 2 ? values[0] : values;
  },
};

const SETTER: TextMapSetter<Metadata> = { set: (metadata, key, value) => metadata.set(key, value) };

/** The trace, baggage and so on that the caller sent with its call. Never throws. */
export function contextFromMetadata(metadata: Metadata): Context {
  return guarded(() => propagation.extract(ROOT_CONTEXT, metadata, GETTER)) ?? ROOT_CONTEXT;
}

/** Writes the trace, baggage and so on of `context` into the metadata of a call. What stood there is replaced. Never throws. */
export function contextIntoMetadata(context: Context, metadata: Metadata): void {
  guarded(() => propagation.inject(context, metadata, SETTER));
}

import { PbfReader, PbfWriter } from "pbf";
import { readPage, readTransfer, writePage, writeTransfer } from "../gen/pbf/bench.js";

const TYPES = {
  Page: { read: readPage, write: writePage },
  Transfer: { read: readTransfer, write: writeTransfer },
};

/** Numbers of 64 bits are JavaScript's numbers to pbf: it can't write the checksums of a Series, so it isn't asked to. */
export const workloads = ["small", "large", "text"];

/** Its objects have the proto's names, and numbers. */
export const shapeOf = ({ anchor, ...init }) =>
  asPlain(anchor === undefined ? init : { ...init, [anchor.case]: anchor.value });

export const createFor = () => (init) => init;
export const encoderFor = (type) => encoder(TYPES[type].write);
export const initEncoderFor = encoderFor;
export const decoderFor = (type) => decoder(TYPES[type].read);

function encoder(write) {
  return (message) => {
    const writer = new PbfWriter();
    write(message, writer);
    return writer.finish();
  };
}

function decoder(read) {
  return (bytes) => read(new PbfReader(bytes));
}

function asPlain(value) {
  if (typeof value === "bigint") {
    return Number(value);
  }
  if (typeof value !== "object" || value instanceof Uint8Array) {
    return value;
  }
  return Array.isArray(value)
    ? value.map(asPlain)
    : Object.fromEntries(Object.entries(value).map(([key, field]) => [snakeCase(key), asPlain(field)]));
}

function snakeCase(name) {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

import { Metadata } from "@grpc/grpc-js";
import { lineText } from "../contract/line-text.js";

/** Metadata as a caller may write it: keys that end in `-bin` have bytes, all others have text. */
export type MetadataInit = Metadata | Readonly<Record<string, string | Uint8Array>>;

/** What the metadata of a call is made of. */
export interface CallMetadataInit {
  /** What all calls of the client carry. A key that the call names itself replaces it. */
  readonly defaults: MetadataInit | undefined;
  readonly own: MetadataInit | undefined;
  readonly waitForReady: boolean | undefined;
}

/**
 * Builds the metadata of one call. What it is built from isn't changed.
 *
 * `waitForReady` is an option of the metadata in grpc-js, which doesn't read it from the service config.
 *
 * @throws {Error} if a key or a value can't be sent
 */
export function callMetadata({ defaults, own, waitForReady }: CallMetadataInit): Metadata {
  const metadata = own === undefined ? new Metadata() : toMetadata(own);
  if (defaults !== undefined) {
    const extra = toMetadata(defaults);
    for (const key of Object.keys(extra.getMap())) {
      if (metadata.get(key).length === 0) {
        copyValues(extra, metadata, key);
      }
    }
  }
  if (waitForReady !== undefined) {
    metadata.setOptions({ ...metadata.getOptions(), waitForReady });
  }
  return metadata;
}

/** A new Metadata with what `init` has. */
function toMetadata(init: MetadataInit): Metadata {
  if (isMetadata(init)) {
    // Not `clone()`: the object may come from another copy of grpc-js, which this one wouldn't recognise.
    const metadata = new Metadata(init.getOptions());
    for (const key of Object.keys(init.getMap())) {
      copyValues(init, metadata, key);
    }
    return metadata;
  }
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(init)) {
    sendable(key, () => metadata.set(key, typeof value === "string" ? value : Buffer.from(value)));
  }
  return metadata;
}

/** Sets a key. @throws {TypeError} saying which can't be sent, without its value: that may be a secret, and errors are logged */
function sendable(key: string, set: () => void): void {
  try {
    set();
  } catch {
    const shown = lineText(JSON.stringify(key.slice(0, LONGEST_SHOWN_KEY)));
    throw new TypeError(
      /^[\w.-]+$/.test(key)
        ? `the value of ${shown} is none that a header can have (${key.endsWith("-bin") ? "bytes" : "printable ASCII"})`
        : `the key ${shown} has characters that no header's name can have`,
    );
  }
}

const LONGEST_SHOWN_KEY = 100;

function isMetadata(init: MetadataInit): init is Metadata {
  return init instanceof Metadata || typeof init.getMap === "function";
}

function copyValues(from: Metadata, to: Metadata, key: string): void {
  for (const value of from.get(key)) {
    sendable(key, () => to.add(key, value));
  }
}

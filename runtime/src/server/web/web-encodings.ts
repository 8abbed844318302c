import { promisify } from "node:util";
import { brotliCompress, brotliDecompress, gunzip, gzip } from "node:zlib";
import type { ConnectError } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import { Status } from "../../wire/status.js";

type Pack = (bytes: Uint8Array) => Promise<Buffer>;
type Unpack = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

/** What bodies and messages may be packed with, in the order in which the server likes it. */
export function webEncodings(Failure: typeof ConnectError): Compression[] {
  return [
    encoding("gzip", promisify<Uint8Array, Buffer>(gzip), promisify(gunzip) as Unpack, Failure),
    encoding("br", promisify<Uint8Array, Buffer>(brotliCompress), promisify(brotliDecompress) as Unpack, Failure),
  ];
}

function encoding(name: string, pack: Pack, unpack: Unpack, Failure: typeof ConnectError): Compression {
  return {
    name,
    compress: async (bytes) => copy(await pack(bytes)),
    decompress: async (bytes, maxBytes) => {
      if (bytes.byteLength === 0) {
        return new Uint8Array(0);
      }
      try {
        // zlib wants a limit of at least one byte.
        return copy(await unpack(bytes, { maxOutputLength: Math.max(1, maxBytes) }));
      } catch (cause) {
        const isLarge = (cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
        const [code, text] = isLarge
          ? [Status.RESOURCE_EXHAUSTED, `The request unpacks to more than the limit of ${maxBytes} bytes`]
          : [Status.INVALID_ARGUMENT, "protocol error: a request can't be unpacked"];
        throw new Failure(text, code as number, undefined, undefined, cause);
      }
    },
  };
}

// zlib's memory is its own, and typed as such.
function copy(bytes: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

/**
 * Whether a request is compressed, on a channel that compresses requests: for all of a call, or asked for each with its
 * place in the stream, from 0.
 */
export type RequestCompression = boolean | ((request: object, index: number) => boolean);

/** gRPC's `GRPC_WRITE_NO_COMPRESS`, which grpc-js doesn't export. */
const NO_COMPRESS = 2;

/** How one message is sent, as grpc-js takes it. @throws what the caller's function throws */
export function compressionFlags(
  compress: RequestCompression | undefined,
  request: object,
  index: number,
): { readonly flags?: number } {
  const compressed = typeof compress === "function" ? compress(request, index) : compress;
  return compressed === false ? { flags: NO_COMPRESS } : {};
}

// In each PING that a server of ours sends. To everybody else it is eight bytes that the answer repeats.
const MARK = Buffer.from("acrd");
const BYTES = 8;

/**
 * What a server's PING carries to say how often it permits its clients' (gRFC A8 leaves it to both sides' configuration).
 *
 * Unlike a header, it is for this connection alone, and no proxy passes it on.
 */
export function pingPermission(minIntervalMs: number): Buffer {
  const payload = Buffer.alloc(BYTES);
  MARK.copy(payload);
  payload.writeUInt32BE(Math.min(Math.ceil(minIntervalMs), 2 ** 32 - 1), MARK.byteLength);
  return payload;
}

/** How often a PING's sender permits pings, in milliseconds; `undefined` if it doesn't say. */
export function permittedPingInterval(payload: Uint8Array): number | undefined {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const isMarked = bytes.byteLength === BYTES && bytes.subarray(0, MARK.byteLength).equals(MARK);
  return isMarked ? bytes.readUInt32BE(MARK.byteLength) : undefined;
}

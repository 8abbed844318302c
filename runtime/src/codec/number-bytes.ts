// Eight bytes through which numbers are taken apart and put together: cheaper than a DataView for each message.
const shared = new ArrayBuffer(8);

export const asUint8 = new Uint8Array(shared);
export const asInt32 = new Int32Array(shared);
export const asFloat32 = new Float32Array(shared);
export const asFloat64 = new Float64Array(shared);
export const asBigInt64 = new BigInt64Array(shared);
export const asBigUint64 = new BigUint64Array(shared);

asInt32[0] = 1;
/** Whether this machine has numbers as protobuf does. Static codecs rely on it; the others are rare, and reflect. */
export const LITTLE_ENDIAN = asUint8[0] === 1;

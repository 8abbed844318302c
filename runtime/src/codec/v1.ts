/**
 * What generated codecs import, and nothing else: an interface of its own, so that it and `codegen/v1` change apart.
 */

export { requireCodecs } from "../contract/handshake.js";
export * from "./codec-support.js";
export * from "./well-known-types.js";

/**
 * What generated codecs import: part of `codegen/v1`.
 */
export * from "./codec-support.js";
export * from "./well-known-types.js";

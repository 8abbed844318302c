/**
 * The standard's details of errors: what `error.detail(BadRequestSchema)` reads, and `anyPack(BadRequestSchema, …)` packs.
 */
export * from "./gen/google/rpc/error_details_pb.js";
export { type Status, StatusSchema } from "./gen/google/rpc/status_pb.js";

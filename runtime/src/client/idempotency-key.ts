import { randomUUID } from "node:crypto";
import type { Message } from "@bufbuild/protobuf";
import { withKey } from "./filled-key.js";

/** Fills a request's idempotency key with a UUID if it is empty, as {@link withKey} does. */
export function withIdempotencyKey<M extends Message>(request: M, given: unknown, field: string): M {
  return withKey(request, given, field, randomUUID);
}

import type { Message } from "@bufbuild/protobuf";

/**
 * Fills a request's idempotency key if it is empty.
 *
 * @param request the request as a message
 * @param given what the caller passed: if it is the message itself, a copy is filled, so that the caller's stays as it is
 * @param field protobuf-es's local name of a singular string field
 * @returns `request`, or the copy
 */
export function withKey<M extends Message>(request: M, given: unknown, field: string, makeKey: () => string): M {
  // A field of the message's own, by a name that the generated code knows.
  const filled = request as M & Record<string, unknown>;
  if (filled[field] !== undefined && filled[field] !== "") {
    return request;
  }
  // Shallow, and with the prototype: it holds the defaults of fields with explicit presence.
  const copy = request === given ? Object.assign(Object.create(Object.getPrototypeOf(request)), request) : filled;
  copy[field] = makeKey();
  return copy;
}

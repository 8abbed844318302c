import type { DescMethod } from "@bufbuild/protobuf";
import { kindOf } from "../options/shown-value.js";

/** What a stream of requests may be: an async generator, an array, any iterable of them. */
export type Requests<Init> = AsyncIterable<Init> | Iterable<Init>;

/** @throws {TypeError} if they can't be iterated, naming the method that they were meant for */
export function requireRequests(method: DescMethod, requests: unknown): void {
  if (!isIterable(requests)) {
    throw new TypeError(
      `${method.parent.typeName}.${method.name} takes its requests from an iterable (an async generator, an array): ` +
        `it was given ${kindOf(requests)}`,
    );
  }
}

// A text can be iterated too, and no letter is a request.
function isIterable(requests: unknown): boolean {
  try {
    const given = requests as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
    return (
      typeof requests === "object" &&
      requests !== null &&
      (typeof given[Symbol.asyncIterator] === "function" || typeof given[Symbol.iterator] === "function")
    );
  } catch {
    return false;
  }
}

/** Iterates requests as `for await` does. */
export function iteratorOf<Init>(requests: Requests<Init>): AsyncIterator<Init> {
  return Symbol.asyncIterator in requests ? requests[Symbol.asyncIterator]() : oneByOne(requests);
}

async function* oneByOne<Init>(requests: Iterable<Init>): AsyncGenerator<Init, void> {
  yield* requests;
}

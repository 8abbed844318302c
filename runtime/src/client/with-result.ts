import type { DeclaredErrorClass } from "../errors/error-map.js";
import type { Result } from "./client-method.js";

/** The errors of a list of classes. */
export type Raised<Raises extends readonly DeclaredErrorClass[]> = InstanceType<Raises[number]>;

/** Adds `.result`, which resolves with the errors that the method declares. */
export function withResult<Args extends unknown[], Value, const R extends readonly DeclaredErrorClass[]>(
  call: (...args: Args) => Promise<Value>,
  raises: R,
): ((...args: Args) => Promise<Value>) & { result(...args: Args): Promise<Result<Value, Raised<R>>> } {
  const result = async (...args: Args): Promise<Result<Value, Raised<R>>> => {
    try {
      return { ok: true, value: await call(...args) };
    } catch (error) {
      // What a peer sent, that is: code of the caller's own may throw such an error, too.
      if (raises.some((declared) => error instanceof declared && error.remote)) {
        return { ok: false, error: error as Raised<R> };
      }
      throw error;
    }
  };
  return Object.assign((...args: Args) => call(...args), { result });
}

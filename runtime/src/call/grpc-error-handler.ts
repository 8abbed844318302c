import type { DeclaredErrorClass, ErrorMap } from "../errors/error-map.js";
import type { CallContext } from "./call-context.js";
import type { ErrorPolicy } from "./call-failure.js";
import { type AnyMethod, contextOf, dispatchedCall, isAsyncIterable, isThenable, layered } from "./method-layer.js";
import type { MethodWrapper } from "./servicer-method.js";

/**
 * Makes a method's errors those of its contract. It is a wrapper and a method decorator in one, for all four kinds.
 *
 * In a served call, what the method throws ends the call in one of four ways:
 * - An error of the map, or one that the user's pairs make an error of the map: its status, `google.rpc.Status` in
 *   `grpc-status-details-bin`, and the pushback trailer.
 * - One that `raises` doesn't list: the same, and logged as undeclared. But an error that came from another server
 *   (`error.remote`) is never passed on undeclared.
 * - A `StatusError` whose status the service was bound to let through (`passThrough`): as it is, and logged as undeclared.
 * - Anything else: INTERNAL with an error id. Message, stack and cause are only logged; a numeric `code` means nothing. That
 *   holds for a `ContractError` too that no catalogue declares: one of a category's class, or of another package.
 *
 * Outside a served call, in a unit test say, the method throws what the user's pairs make of its error.
 *
 * @param raises the classes that the method declares; left out: every class of the map
 */
export function grpcErrorHandler(errors: ErrorMap, raises?: readonly DeclaredErrorClass[]): MethodWrapper {
  const policy: ErrorPolicy = { errors, raises };
  return <Method extends (...args: never[]) => unknown>(method: Method): Method => {
    const inner = method as unknown as AnyMethod;
    return layered<Method>(
      function (this: unknown, input: never, context: CallContext): unknown {
        dispatchedCall(contextOf(context))?.adoptErrors(policy);
        return convertingErrors(errors, () => inner.call(this, input, context));
      },
      { errors: policy, inner },
    );
  };
}

// Whichever way the method fails: by throwing, by rejecting, or from its iteration.
function convertingErrors(errors: ErrorMap, body: () => unknown): unknown {
  let result: unknown;
  try {
    result = body();
  } catch (error) {
    throw errors.convert(error).error;
  }
  if (isAsyncIterable(result)) {
    return convertingIteration(errors, result);
  }
  if (isThenable(result)) {
    return result.then(undefined, (error: unknown) => {
      throw errors.convert(error).error;
    });
  }
  return result;
}

async function* convertingIteration(errors: ErrorMap, responses: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  try {
    yield* responses;
  } catch (error) {
    throw errors.convert(error).error;
  }
}

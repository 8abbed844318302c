import type { CallContext } from "../call/call-context.js";
import { RefusedRequest } from "../call/call-failure.js";
import { type AnyMethod, isAsyncIterable } from "../call/method-layer.js";
import type { MethodWrapper } from "../call/servicer-method.js";
import type { Violation, Violations } from "./violation.js";
import { fieldPathText, violationDetails } from "./violations-proto.js";

/**
 * Lets no request through to a method that breaks the rules of its proto; of a stream, each message is checked as it is read. The
 * call ends as INVALID_ARGUMENT with the code `INVALID_REQUEST`, and with what is broken as `google.rpc.BadRequest` and as
 * `buf.validate.Violations`. What the fields hold isn't told.
 *
 * @param check what a request breaks: a generated `validateXxx`
 */
export function grpcValidator<Request>(check: (request: Request) => Violations): MethodWrapper {
  const expectValid = (request: Request): void => {
    const violations = check(request);
    if (violations !== undefined) {
      throw refusal(violations);
    }
  };
  return <Method extends (...args: never[]) => unknown>(method: Method): Method => {
    const inner = method as unknown as AnyMethod;
    // Not marked as a layer: what dispatches calls without going through wrappers must not pass this one by.
    const checked = function (this: unknown, input: never, context: CallContext): unknown {
      if (isAsyncIterable(input)) {
        return inner.call(this, validRequests(input, expectValid) as never, context);
      }
      expectValid(input);
      return inner.call(this, input, context);
    };
    Object.defineProperty(checked, "name", { value: inner.name, configurable: true });
    return checked as unknown as Method;
  };
}

async function* validRequests<Request>(
  requests: AsyncIterable<unknown>,
  expectValid: (request: Request) => void,
): AsyncGenerator<unknown> {
  for await (const request of requests) {
    expectValid(request as Request);
    yield request;
  }
}

function refusal(violations: readonly Violation[]): RefusedRequest {
  const [first, ...others] = violations;
  // The message is logged.
  const told = first === undefined ? "" : `${fieldPathText(first.field, false)}: ${first.message}`;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return new RefusedRequest("INVALID_REQUEST", `The request is invalid: ${told}${more}`, violationDetails(violations));
}

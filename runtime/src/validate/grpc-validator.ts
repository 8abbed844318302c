import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import type { CallContext } from "../call/call-context.js";
import { type AnyMethod, isAsyncIterable } from "../call/method-layer.js";
import type { MethodWrapper } from "../call/servicer-method.js";
import { brokenRules, type Check, type RefusalClass, refusalOf } from "./refusal.js";

/**
 * Lets no request through to a method that breaks the rules of its proto; of a stream, each message is checked as it is read. What is
 * broken is sent as `google.rpc.BadRequest` and as `buf.validate.Violations`.
 *
 * @param check what a request breaks: a generated `validateXxx`
 * @param exception the class of the error that is thrown
 * @param keys what that declares as its metadata; default: all there is
 */
export function grpcValidator<Request>(
  check: Check<Request>,
  exception: RefusalClass,
  keys?: readonly string[],
): MethodWrapper {
  const refusal = { exception, keys };
  const expectValid = (request: unknown): void => {
    const error = refusalOf(request as Request, check, refusal);
    if (error !== undefined) {
      throw error;
    }
  };
  return wrapping((inner) => {
    return function (this: unknown, input: never, context: CallContext): unknown {
      if (isAsyncIterable(input)) {
        return inner.call(this, checkedAll(input, expectValid) as never, context);
      }
      expectValid(input);
      return inner.call(this, input, context);
    };
  });
}

/** Whether responses are checked. */
export interface ResponseCheckOptions {
  readonly checkResponses?: boolean;
}

/**
 * Lets no response out of a method that breaks the rules of its proto, where that is asked for: in tests, in development. It is a
 * defect of the method's, so that the call ends as INTERNAL, and the log says what is wrong.
 *
 * @param check what a response breaks: a generated `validateXxx`
 */
export function grpcResponseValidator<Output extends DescMessage>(
  schema: Output,
  check: Check<MessageShape<Output>>,
  { checkResponses = false }: ResponseCheckOptions,
): MethodWrapper {
  if (!checkResponses) {
    return (method) => method;
  }
  const expectValid = (response: unknown): void => {
    const violations = check(create(schema, response as MessageInitShape<Output>));
    if (violations !== undefined) {
      const { field, problem, count } = brokenRules(violations);
      throw new Error(`A response breaks ${count} rules of ${schema.typeName}: ${field}: ${problem}`);
    }
  };
  return wrapping((inner) => {
    return function (this: unknown, input: never, context: CallContext): unknown {
      const output = inner.call(this, input, context);
      if (isAsyncIterable(output)) {
        return checkedAll(output, expectValid);
      }
      return Promise.resolve(output).then((response: unknown) => {
        expectValid(response);
        return response;
      });
    };
  });
}

/** A wrapper that isn't marked as a layer: what dispatches calls without going through wrappers must not pass it by. */
function wrapping(wrap: (inner: AnyMethod) => AnyMethod): MethodWrapper {
  return <Method extends (...args: never[]) => unknown>(method: Method): Method => {
    const inner = method as unknown as AnyMethod;
    const checked = wrap(inner);
    Object.defineProperty(checked, "name", { value: inner.name, configurable: true });
    return checked as unknown as Method;
  };
}

async function* checkedAll(
  messages: AsyncIterable<unknown>,
  expectValid: (message: unknown) => void,
): AsyncGenerator<unknown> {
  for await (const message of messages) {
    expectValid(message);
    yield message;
  }
}

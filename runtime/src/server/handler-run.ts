import { runWithCall } from "../call/current-call.js";
import { runIntercepted } from "../call/handler-interceptor.js";
import { isAsyncIterable, isThenable } from "../call/method-layer.js";
import type { ServerCallContext } from "../call/server-call-context.js";
import type { ServerCall } from "./server-call.js";

/** Runs a call's handler, inside the call. Never throws; what the handler throws ends the call. */
export function startHandler(call: ServerCall, input: unknown, context: ServerCallContext): void {
  // Neither promise rejects: everything of the user's runs in a `try`.
  void runWithCall(context, call.method.streamsResponses ? streamResponses : sendResponse, call, input, context);
}

async function sendResponse(call: ServerCall, input: unknown, context: ServerCallContext): Promise<void> {
  let response: unknown;
  try {
    const { body, handlerInterceptors } = call.method;
    if (handlerInterceptors.length === 0) {
      response = await body(input as never, context);
    } else {
      await runIntercepted(handlerInterceptors, context, async () => {
        response = await body(input as never, context);
      });
    }
  } catch (error) {
    call.fail(error);
    return;
  }
  call.respond(response);
}

async function streamResponses(call: ServerCall, input: unknown, context: ServerCallContext): Promise<void> {
  try {
    const { handlerInterceptors } = call.method;
    if (handlerInterceptors.length === 0) {
      await sendStream(call, input, context);
    } else {
      await runIntercepted(handlerInterceptors, context, () => sendStream(call, input, context));
    }
  } catch (error) {
    call.fail(error);
    return;
  }
  call.complete();
}

/** Sends what the handler yields, to its end or the call's. */
async function sendStream(call: ServerCall, input: unknown, context: ServerCallContext): Promise<void> {
  const { body } = call.method;
  const returned = body(input as never, context);
  const responses = iteratorOf(isThenable(returned) ? await returned : returned, call.path);
  call.iterateOver(responses);
  while (!call.over) {
    const { done, value } = await responses.next();
    if (done) {
      return;
    }
    const room = call.stream(value);
    if (room !== undefined) {
      await room;
    }
  }
  // The call ended before the handler did.
  call.closeResponses();
}

function iteratorOf(responses: unknown, path: string): AsyncIterator<unknown> {
  if (!isAsyncIterable(responses)) {
    throw new TypeError(`The handler of ${path} didn't return an async iterable of responses`);
  }
  return responses[Symbol.asyncIterator]();
}

import type { Message } from "@bufbuild/protobuf";
import { runWithCall } from "../call/current-call.js";
import type { Interception } from "../call/interception.js";
import { isAsyncIterable, isThenable } from "../call/method-layer.js";
import { runInterceptors } from "../call/run-interceptors.js";
import type { ServerCallContext } from "../call/server-call-context.js";
import { kindOf } from "../options/shown-value.js";
import type { RequestStream } from "./request-stream.js";
import type { ServedMethod } from "./served-method.js";

const NAMES = { interceptor: "handler interceptor", innermost: "handler" };

/** What a handler is run on: its request, or its stream of requests. */
export type HandlerInput = Message | RequestStream<Message>;

/** A call, as far as running its handler goes. */
export interface HandledCall {
  readonly method: ServedMethod;
  readonly path: string;
  readonly interception: Interception;
  /** Whether a status is on its way, or the peer has gone. */
  readonly over: boolean;
  /** The handler is about to run. */
  handlerRuns(): void;
  /** Sends the single response. */
  respond(response: unknown): void;
  /** What the handler streams: it is told to return if the call ends first. */
  iterateOver(responses: AsyncIterator<unknown>): void;
  /** Sends one of many responses. @returns what to wait for before the next, if there is no room for it */
  stream(response: unknown): Promise<void> | undefined;
  /** All responses were sent. */
  complete(): void;
  /** Tells the handler that nobody wants its responses any more. */
  closeResponses(): void;
  /** Ends the call with what was thrown. */
  fail(error: unknown): void;
}

/** Runs a call's handler, inside the call. Never throws; what the handler throws ends the call. */
export function startHandler(call: HandledCall, input: HandlerInput, context: ServerCallContext): void {
  // Neither promise rejects: everything of the user's runs in a `try`.
  void runWithCall(context, call.method.streamsResponses ? streamResponses : sendResponse, call, input, context);
}

async function sendResponse(call: HandledCall, input: HandlerInput, context: ServerCallContext): Promise<void> {
  let response: unknown;
  try {
    response = await call.method.body(input as never, context);
  } catch (error) {
    call.fail(error);
    return;
  }
  call.respond(response);
}

async function streamResponses(call: HandledCall, input: HandlerInput, context: ServerCallContext): Promise<void> {
  try {
    await sendStream(call, input, context);
  } catch (error) {
    call.fail(error);
    return;
  }
  call.complete();
}

/**
 * Runs a call's interceptors, and the handler within them, inside the call. The interceptors' first half runs while the body
 * of the request is still unread. Never throws.
 *
 * @param readInput reads what the handler is run on. It rejects when the call ends before
 */
export function startIntercepted(
  call: HandledCall,
  context: ServerCallContext,
  readInput: () => Promise<HandlerInput>,
): void {
  void runWithCall(context, intercepted, call, context, readInput);
}

async function intercepted(
  call: HandledCall,
  context: ServerCallContext,
  readInput: () => Promise<HandlerInput>,
): Promise<void> {
  const { body, handlerInterceptors, streamsResponses } = call.method;
  let response: unknown;
  try {
    await runInterceptors(NAMES, handlerInterceptors, context, call.interception, async () => {
      const input = await readInput();
      if (call.over) {
        // An interceptor took its time. Nobody waits for what the handler would do.
        throw context.abortReason;
      }
      call.handlerRuns();
      if (streamsResponses) {
        await sendStream(call, input, context);
      } else {
        response = await body(input as never, context);
      }
    });
  } catch (error) {
    call.fail(error);
    return;
  }
  if (streamsResponses) {
    call.complete();
  } else {
    call.respond(response);
  }
}

/** Sends what the handler yields, to its end or the call's. */
async function sendStream(call: HandledCall, input: HandlerInput, context: ServerCallContext): Promise<void> {
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
    throw new TypeError(
      `The handler of ${path} didn't return an async iterable of responses, but ${kindOf(responses)}`,
    );
  }
  return responses[Symbol.asyncIterator]();
}

import type { ServerInterceptingCall, ServerInterceptingCallInterface, ServerInterceptor } from "@grpc/grpc-js";
import { sendableStatus } from "../../wire/sendable-status.js";
import type { ServedMethod } from "../served-method.js";
import { ServerCall } from "../server-call.js";
import { MessageCodecCall } from "./message-codec-call.js";
import { refuseOddFlags } from "./request-frames.js";
import { streamOf, transportOf } from "./transport-call.js";

/**
 * The interceptors through which a grpc-js server hands its calls to {@link ServerCall}.
 *
 * The first sees each call before all others, as the transport has it, and learns of each status that leaves: also of those
 * that grpc-js sends by itself. The last puts a {@link ServerCall} where grpc-js's handler layer expects an intercepting
 * call, so that this layer (its event emitters, its buffering, its ways with errors) only starts calls and is out of the
 * way then. The user's interceptors stand between the two, and see decoded messages.
 */
export function callInterceptors(
  methods: ReadonlyMap<string, ServedMethod>,
  interceptors: readonly ServerInterceptor[],
): ServerInterceptor[] {
  // grpc-js runs through a call's interceptors in one go, so there is never more than one call between first and last.
  let current: ServerCall | undefined;

  const first: ServerInterceptor = (definition, call) => {
    const method = methods.get(definition.path);
    if (method === undefined) {
      return asInterceptingCall(call);
    }
    const transport = transportOf(call);
    current = new ServerCall(method, transport);
    observeStatus(transport, current);
    refuseOddFlags(transport);
    if (interceptors.length === 0) {
      return asInterceptingCall(call);
    }
    // An interceptor may start the call late, or never, and grpc-js tells only who has started it of its end.
    const intercepted = current;
    streamOf(transport)?.once("close", () => intercepted.onCancel());
    return asInterceptingCall(new MessageCodecCall(call, current));
  };

  const last: ServerInterceptor = (_definition, call) => {
    const dispatched = current;
    current = undefined;
    return asInterceptingCall(dispatched?.interceptedBy(call) ?? call);
  };

  const guarded = interceptors.map((interceptor): ServerInterceptor => {
    return (definition, call) => {
      try {
        return interceptor(definition, call);
      } catch (error) {
        // Nobody above would catch it.
        current?.fail(error);
        return asInterceptingCall(call);
      }
    };
  });
  return [first, ...guarded, last];
}

// grpc-js's type asks for its class; its code, and its handler layer, for no more than the interface's methods.
function asInterceptingCall(call: Pick<ServerInterceptingCallInterface, "start">): ServerInterceptingCall {
  return call as ServerInterceptingCall;
}

const CALL = Symbol("accord.serverCall");

type ObservedCall = ServerInterceptingCallInterface & { [CALL]: ServerCall };

function observeStatus(transport: ServerInterceptingCallInterface, call: ServerCall): void {
  const observed = transport as ObservedCall;
  observed[CALL] = call;
  observed.sendStatus = sendObservedStatus;
}

// One function for all calls: it stands on the instance, and the method that it replaces is the prototype's.
const sendObservedStatus: ServerInterceptingCallInterface["sendStatus"] = function (this: ObservedCall, status) {
  const call = this[CALL];
  // What the runtime and grpc-js send is fit to be sent.
  const sendable = call.method.intercepted ? sendableStatus(status) : status;
  call.onStatusLeaving(sendable.code, sendable.details);
  const { sendStatus } = Object.getPrototypeOf(this) as ServerInterceptingCallInterface;
  sendStatus.call(this, sendable);
};

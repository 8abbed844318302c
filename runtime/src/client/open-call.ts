import type { CallCredentials, InterceptorOptions, NextCall } from "@grpc/grpc-js";
import { credentialsRefusal } from "../channel/channel-security.js";
import { type CallStatus, clientStatus } from "../wire/call-status.js";
import { Status } from "../wire/status.js";
import { messageOf } from "../wire/thrown-message.js";
import { unawaited } from "../wire/unawaited.js";
import { ChannelCall, type ChannelCallOwner, type GrpcCall, type MessageCall } from "./channel-call.js";
import { type CallTarget, hasInterceptors } from "./method-binding.js";

/** Thrown where the channel makes no call. */
export class CallNotMade extends Error {
  readonly status: CallStatus;

  constructor(status: CallStatus) {
    super(status.details);
    this.status = status;
  }
}

/** How one call is opened. */
export interface OpenCallInit {
  /** Milliseconds since the epoch, or `Infinity`. */
  readonly deadline: number;
  readonly credentials: CallCredentials | undefined;
  readonly owner: ChannelCallOwner;
}

/**
 * Opens a call straight on the channel, without grpc-js's Client, its EventEmitter and its streams. The client's
 * interceptors, if there are any, are wrapped around it in grpc-js's order. It isn't started yet.
 *
 * @throws {CallNotMade} if the channel is closed, or mustn't carry the call's credentials
 * @throws what an interceptor throws
 */
export function openCall(target: CallTarget, init: OpenCallInit): MessageCall {
  const { interceptors = [] } = target.options;
  if (!hasInterceptors(target)) {
    requireFit(target, init.credentials);
    const call = createCall(target, init.deadline, null, null, null);
    if (init.credentials !== undefined) {
      call.setCredentials(init.credentials);
    }
    return new ChannelCall(call, target.definition, target.policy, init.owner);
  }
  const bottom: NextCall = (options) => interceptedCall(target, options, init.owner);
  const chain = interceptors.reduceRight<NextCall>(
    (next, interceptor) => (options) => requireCall(interceptor(options, next)),
    bottom,
  );
  return chain({
    deadline: init.deadline,
    ...(init.credentials === undefined ? undefined : { credentials: init.credentials }),
    method_definition: target.definition,
  });
}

const CALL_METHODS = ["start", "sendMessageWithContext", "startRead", "halfClose", "cancelWithStatus"] as const;

/** @throws {TypeError} unless it is a call that an interceptor returned: no promise of one, above all */
function requireCall(answer: MessageCall): MessageCall {
  const missing = CALL_METHODS.filter((method) => typeof answer?.[method] !== "function");
  if (missing.length > 0) {
    unawaited(answer);
    throw new TypeError(`An interceptor returned no call: it lacks ${missing.join(", ")}`);
  }
  return answer;
}

// An interceptor may have changed any of the options, and may make several calls.
function interceptedCall(target: CallTarget, options: InterceptorOptions, owner: ChannelCallOwner): MessageCall {
  const deadline = options.deadline ?? Number.POSITIVE_INFINITY;
  requireFit(target, options.credentials);
  const call = createCall(target, deadline, options.host, options.parent ?? null, options.propagate_flags);
  if (options.credentials !== undefined) {
    call.setCredentials(options.credentials);
  }
  return new ChannelCall(call, target.definition, target.policy, owner);
}

function requireFit({ channel }: CallTarget, credentials: CallCredentials | undefined): void {
  const refusal = credentials && credentialsRefusal(channel);
  if (refusal !== undefined) {
    throw new CallNotMade(clientStatus(Status.UNAUTHENTICATED, refusal));
  }
}

type CreateCall = CallTarget["channel"]["createCall"];
type CreateCallRest = Parameters<CreateCall> extends [unknown, ...infer Rest] ? Rest : never;

function createCall(target: CallTarget, ...rest: CreateCallRest): GrpcCall {
  try {
    return target.channel.createCall(target.definition.path, ...rest);
  } catch (error) {
    // A closed channel throws.
    const details = `The channel to ${target.channel.getTarget()} makes no call: ${messageOf(error)}`;
    throw new CallNotMade(clientStatus(Status.UNAVAILABLE, details, error));
  }
}

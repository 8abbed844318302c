import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import {
  type CallCredentials,
  connectivityState,
  type InterceptingListener,
  type Metadata,
  type StatusObject,
} from "@grpc/grpc-js";
import { abortOf, linkAbort, unlinkAbort } from "../call/abort-link.js";
import type { Abortable, AbortSource } from "../call/abortable.js";
import type { CallContext } from "../call/call-context.js";
import { callDeadline } from "../call/call-deadline.js";
import { currentCall } from "../call/current-call.js";
import { propagateRequestId } from "../call/request-id.js";
import type { Channel } from "../channel/channel.js";
import { ContractError } from "../errors/contract-error.js";
import { translateStatus } from "../errors/translation.js";
import { streamLimitReached } from "../grpc-js/stream-limit.js";
import { ClientTelemetry, callersContext } from "../telemetry/client-telemetry.js";
import { atDeadline, type CallStatus, clientStatus, receivedStatus, withoutConnection } from "../wire/call-status.js";
import { normalizeStatus, Status } from "../wire/status.js";
import { messageOf } from "../wire/thrown-message.js";
import { abortStatus } from "./abort-status.js";
import { credentialsRejected } from "./bearer-token.js";
import { metadataOf } from "./call-metadata-of.js";
import type { ChannelCallOwner, MessageCall } from "./channel-call.js";
import type { CallOptions } from "./client-method.js";
import { runMetadataHooks } from "./metadata-hook.js";
import { hasInterceptors, type MethodBinding } from "./method-binding.js";
import { CallNotMade, openCall } from "./open-call.js";
import { compressionFlags } from "./request-compression.js";
import { RequestPump, type RequestPumpOwner } from "./request-pump.js";
import type { Requests } from "./requests.js";

/** How far a call has come. What it has only for a while is nowhere else: no timer, no pump, and nothing to cancel once it has ended. */
type CallState =
  | { readonly kind: "unmade" }
  | { readonly kind: "starting"; readonly telemetry: ClientTelemetry | undefined }
  | OpenCall
  | { readonly kind: "ended" };

/** A call that the channel has, from the moment that it can be cancelled. */
interface OpenCall {
  readonly kind: "open";
  readonly telemetry: ClientTelemetry | undefined;
  readonly rpc: MessageCall;
  /** Milliseconds since the epoch, or `Infinity`. */
  readonly deadline: number;
  readonly waitsForReady: boolean;
  deadlineTimer?: NodeJS.Timeout;
  /** What sends a stream of requests. */
  pump?: { stop(): void };
}

const UNMADE = { kind: "unmade" } as const;
const ENDED = { kind: "ended" } as const;

/** How a call ended: with a status, or because code of the caller's own threw. */
export type CallEnd = { readonly status: CallStatus } | { readonly thrown: unknown };

/**
 * One call of any kind: its deadline, its cancellation, its requests and its end. Subclasses take the responses.
 *
 * A call ends once. Whatever ends it first (the status, an abort, the caller's own code) is what the caller sees; from
 * then on nothing that grpc-js still delivers is looked at, and no listener of the call is left anywhere.
 */
export abstract class ClientCall<Input extends DescMessage, Output extends DescMessage>
  implements InterceptingListener, ChannelCallOwner, RequestPumpOwner, Abortable
{
  responseBytes = 0;
  protected readonly binding: MethodBinding<Input, Output>;
  readonly #options: CallOptions;
  // Taken when the method is called: a stream may be iterated elsewhere, where another call is current.
  readonly #incoming: CallContext | undefined = currentCall();
  readonly #caller = callersContext();
  #state: CallState = UNMADE;

  constructor(binding: MethodBinding<Input, Output>, options: CallOptions) {
    this.binding = binding;
    this.#options = options;
  }

  /** A response. Never called after {@link onEnd}. */
  protected abstract onResponse(response: MessageShape<Output>): void;

  /** The call is over. Called once. */
  protected abstract onEnd(end: CallEnd): void;

  /** Starts a call with one request. */
  protected startWithOne(init: MessageInitShape<Input>): void {
    let request: MessageInitShape<Input>;
    try {
      request = this.binding.request(init);
    } catch (error) {
      this.requestUnencodable(error);
      return;
    }
    const rpc = this.#start()?.rpc;
    if (rpc === undefined) {
      return;
    }
    try {
      rpc.sendMessageWithContext(compressionFlags(this.#options.compress, request, 0), request);
      rpc.halfClose();
    } catch (error) {
      this.cancel({ thrown: error });
    }
  }

  /** Starts a call that sends what an iterable yields, as fast as the peer reads. */
  protected startWithAll(requests: Requests<MessageInitShape<Input>>): void {
    const call = this.#start();
    if (call !== undefined) {
      const pump = new RequestPump(call.rpc, this.binding.request, this, this.#options.compress);
      call.pump = pump;
      pump.start(requests);
    }
  }

  /** How the call ended, in view of all that came. */
  protected verdict(end: CallEnd): CallEnd {
    return end;
  }

  /** Asks for one more response. Only for methods that stream them. */
  protected read(): void {
    if (this.#state.kind === "open") {
      this.#state.rpc.startRead();
    }
  }

  /** Ends the call from this side, and tells the peer. Does nothing if it has ended. */
  protected cancel(end: CallEnd): void {
    const state = this.#state;
    if (!this.#end(end) || state.kind !== "open") {
      return;
    }
    try {
      state.rpc.cancelWithStatus(Status.CANCELLED, "status" in end ? end.status.details : "The caller's code threw");
    } catch {
      // An interceptor's own `cancel` threw. The caller knows already how the call ended.
    }
  }

  /** Makes the error that the caller gets for an end other than OK. */
  protected errorOf(end: CallEnd): unknown {
    return "thrown" in end ? end.thrown : translateStatus(end.status, this.binding.errors, this.errorOf);
  }

  onReceiveMetadata(metadata: Metadata): void {
    if (this.#state.kind !== "open" || this.#options.onHeaders === undefined) {
      return;
    }
    try {
      this.#options.onHeaders(metadata);
    } catch (error) {
      this.cancel({ thrown: error });
    }
  }

  onReceiveMessage(message: unknown): void {
    // For a single response that never came, grpc-js's convention is null.
    if (this.#state.kind !== "open" || message === null || message === undefined) {
      return;
    }
    this.onResponse(message as MessageShape<Output>);
  }

  onReceiveStatus(sent: StatusObject): void {
    if (this.#state.kind !== "open") {
      return;
    }
    const received = this.#received(sent, this.#state);
    try {
      this.#options.onTrailers?.(received.metadata);
    } catch (error) {
      this.#end({ thrown: error });
      return;
    }
    this.#end({ status: received });
  }

  #received(sent: StatusObject, { deadline, waitsForReady }: OpenCall): CallStatus {
    const remainingMs = deadline - Date.now();
    const received = atDeadline(receivedStatus(sent), remainingMs);
    if (received.code !== Status.DEADLINE_EXCEEDED) {
      return received;
    }
    const limit = streamLimitReached(received.details);
    if (limit !== undefined) {
      return { ...received, details: `${received.details}; ${limit}` };
    }
    // With a connection, a call that waits does so for its credentials. One that was to wait for a connection did.
    return !waitsForReady && !isReady(this.binding.channel) ? withoutConnection(received, remainingMs) : received;
  }

  listenerThrew(error: unknown): void {
    this.cancel({ thrown: error });
  }

  requestsThrew(error: unknown): void {
    this.cancel({ thrown: error });
  }

  /** What a caller passed is no request, or is refused before it is sent. */
  requestUnencodable(error: unknown): void {
    if (error instanceof ContractError) {
      this.cancel({ thrown: error });
      return;
    }
    this.cancel({ status: clientStatus(Status.INTERNAL, `The request can't be encoded: ${messageOf(error)}`, error) });
  }

  aborted(source: AbortSource): void {
    this.cancel({ status: abortStatus(source, this.#incoming) });
  }

  /** Returns nothing if the call has ended already. */
  #start(): OpenCall | undefined {
    const telemetry = ClientTelemetry.of(this.binding, this.#caller);
    this.#state = { kind: "starting", telemetry };
    try {
      const deadline = callDeadline(this.#options.timeoutMs ?? this.binding.policy.timeoutMs, this.#incoming);
      const hopeless = this.#hopeless(deadline);
      if (hopeless !== undefined) {
        this.#end({ status: hopeless });
        return undefined;
      }
      const metadata = this.#metadata(telemetry);
      const waitsForReady = metadata.getOptions().waitForReady === true;
      const rpc = openCall(this.binding, { deadline, credentials: this.#credentials, owner: this });
      if (this.#isStarting) {
        this.#state = { kind: "open", telemetry, rpc, deadline, waitsForReady };
        this.#link(this.#state);
        rpc.start(metadata, this);
      }
    } catch (error) {
      this.cancel(error instanceof CallNotMade ? { status: error.status } : { thrown: error });
    }
    return this.#openCall;
  }

  // Interceptors and hooks of the user's may have ended the call meanwhile, which a compiler can't see.
  get #isStarting(): boolean {
    return this.#state.kind === "starting";
  }

  get #openCall(): OpenCall | undefined {
    return this.#state.kind === "open" ? this.#state : undefined;
  }

  get #credentials(): CallCredentials | undefined {
    return this.#options.credentials ?? this.binding.options.credentials;
  }

  /** Why the call needn't be made at all. */
  #hopeless(deadline: number): CallStatus | undefined {
    for (const source of [this.#options.signal, this.#incoming]) {
      if (source !== undefined && abortOf(source) !== undefined) {
        return abortStatus(source, this.#incoming);
      }
    }
    return deadline <= Date.now()
      ? clientStatus(Status.DEADLINE_EXCEEDED, "Deadline exceeded before the call was made")
      : undefined;
  }

  #metadata(telemetry: ClientTelemetry | undefined): Metadata {
    const { options, method } = this.binding;
    const metadata = metadataOf(this.binding, this.#options);
    propagateRequestId(metadata, this.#incoming);
    runMetadataHooks(options.metadataHooks ?? [], metadata, { method, incoming: this.#incoming });
    telemetry?.inject(metadata);
    return metadata;
  }

  #link(call: OpenCall): void {
    if (this.#options.signal !== undefined) {
      linkAbort(this.#options.signal, this);
    }
    if (this.#incoming !== undefined) {
      linkAbort(this.#incoming, this);
    }
    // grpc-js watches the deadline itself, but tells it to nobody while an interceptor hasn't started the call. When it does, it
    // says how far the call got: it has a millisecond's start.
    if (hasInterceptors(this.binding) && call.deadline !== Number.POSITIVE_INFINITY) {
      call.deadlineTimer = setTimeout(
        () => {
          this.cancel({ status: clientStatus(Status.DEADLINE_EXCEEDED, "Deadline exceeded") });
        },
        call.deadline - Date.now() + 1,
      );
    }
  }

  /** Returns false if the call had ended before. */
  #end(end: CallEnd): boolean {
    const state = this.#state;
    if (state.kind === "ended") {
      return false;
    }
    this.#state = ENDED;
    if (state.kind === "open") {
      this.#letGo(state);
    }
    const verdict = this.verdict(end);
    if (state.kind !== "unmade" && state.telemetry !== undefined) {
      tell(state.telemetry, verdict, state.kind === "open" ? state.rpc : undefined);
    }
    if (this.#credentials !== undefined && "status" in verdict && verdict.status.code === Status.UNAUTHENTICATED) {
      credentialsRejected(this.#credentials);
    }
    this.onEnd(verdict);
    return true;
  }

  #letGo({ deadlineTimer, pump }: OpenCall): void {
    clearTimeout(deadlineTimer);
    if (this.#options.signal !== undefined) {
      unlinkAbort(this.#options.signal, this);
    }
    if (this.#incoming !== undefined) {
      unlinkAbort(this.#incoming, this);
    }
    pump?.stop();
  }
}

function isReady(channel: Channel): boolean {
  return channel.getConnectivityState(false) === connectivityState.READY;
}

function tell(telemetry: ClientTelemetry, end: CallEnd, rpc: MessageCall | undefined): void {
  const peer = attempt(() => rpc?.getPeer());
  if ("status" in end) {
    telemetry.ended({ status: normalizeStatus(end.status.code), details: end.status.details, peer });
  } else {
    telemetry.ended({ status: Status.CANCELLED, details: "The caller's code threw", thrown: end.thrown, peer });
  }
}

// Interceptors of the user's may stand before the call, and throw.
function attempt<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

/** Whether a call ended well. */
export function isOk(end: CallEnd): boolean {
  return "status" in end && normalizeStatus(end.status.code) === Status.OK;
}

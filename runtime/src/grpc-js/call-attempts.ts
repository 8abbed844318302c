import { experimental, type Metadata, type StatusObject } from "@grpc/grpc-js";
import { processWide } from "../wire/process-wide.js";
import { normalizeStatus, type Status } from "../wire/status.js";
import type { CreateCall, Subchannel, SubchannelCall, SubchannelListener } from "./private-names.js";

type PickArgs = experimental.PickArgs;
type PickResult = experimental.PickResult;
type Picker = experimental.Picker;
type SubchannelInterface = experimental.SubchannelInterface;

/** What an attempt came to. */
export interface AttemptEnd {
  readonly status: Status;
  /** With the wait for a connection. */
  readonly durationMs: number;
  /** Of messages, compressed, without framing. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** Who is told of the attempts of a call. It must not throw. */
export interface AttemptCounter {
  attemptStarted(): void;
  attemptEnded(end: AttemptEnd): void;
}

// grpc-js gives a pick a copy of the call's metadata, whose options are the very object that the call was made with.
const measured = processWide("measuredCalls.v1", () => new WeakMap<object, CallAttempts>());

/**
 * The attempts (retries, hedging) that grpc-js makes of one call, for gRFC A66's `grpc.client.attempt.*`.
 *
 * grpc-js tells nobody of them, but asks the load balancing policy for a connection for each, where {@link countingPicker}
 * sees it. An attempt begins when it asks first, and ends with the status that grpc-js gets or gives it on its connection.
 * One that never gets that far ends at once when the policy refuses it, and otherwise with the call.
 */
export class CallAttempts {
  readonly #counter: AttemptCounter;
  /** Those that wait for a connection, by the number of attempts before. */
  readonly #waiting = new Map<string, Attempt>();

  constructor(counter: AttemptCounter) {
    this.#counter = counter;
  }

  /** Those of the call whose metadata this is, or a copy of; `undefined` if nobody counts them. */
  static of(metadata: Metadata): CallAttempts | undefined {
    return measured.get(metadata.getOptions());
  }

  /** Counts the attempts of the call that is made with this metadata. */
  follow(metadata: Metadata): void {
    const options = { ...metadata.getOptions() };
    metadata.setOptions(options);
    measured.set(options, this);
  }

  /** One of the attempts has asked for a connection, for the first time or again. */
  asked({ metadata }: PickArgs, answer: PickResult): PickResult {
    const before = String(metadata.get("grpc-previous-rpc-attempts")[0] ?? "0");
    const attempt = this.#waiting.get(before) ?? new Attempt(this.#counter);
    this.#waiting.set(before, attempt);
    const { subchannel, status } = answer;
    if (subchannel !== null) {
      return { ...answer, subchannel: countingSubchannel(subchannel, attempt, () => this.#waiting.delete(before)) };
    }
    const isRefused =
      answer.pickResultType === experimental.PickResultType.DROP ||
      (answer.pickResultType === experimental.PickResultType.TRANSIENT_FAILURE && !metadata.getOptions().waitForReady);
    if (isRefused && status !== null) {
      this.#waiting.delete(before);
      attempt.ended(status.code);
    }
    return answer;
  }

  /** The call is over: attempts that have no connection by now will get none. */
  callEnded(status: Status): void {
    for (const attempt of this.#waiting.values()) {
      attempt.ended(status);
    }
    this.#waiting.clear();
  }
}

/** A policy's picker that lets the calls that are measured see their attempts. Others it only asks for. */
export function countingPicker(picker: Picker): Picker {
  return {
    pick: (args) => {
      const answer = picker.pick(args);
      const attempts = CallAttempts.of(args.metadata);
      return attempts === undefined ? answer : attempts.asked(args, answer);
    },
  };
}

/** What gRPC puts before each message. */
const FRAMING_BYTES = 5;

class Attempt {
  readonly #counter: AttemptCounter;
  readonly #startedAt = performance.now();
  #sentBytes = 0;
  #receivedBytes = 0;
  #ended = false;

  constructor(counter: AttemptCounter) {
    this.#counter = counter;
    counter.attemptStarted();
  }

  sent(frame: Buffer): void {
    this.#sentBytes += frame.byteLength - FRAMING_BYTES;
  }

  received(frame: Buffer): void {
    this.#receivedBytes += frame.byteLength - FRAMING_BYTES;
  }

  ended(code: StatusObject["code"]): void {
    if (this.#ended) {
      return;
    }
    this.#ended = true;
    this.#counter.attemptEnded({
      status: normalizeStatus(code),
      durationMs: performance.now() - this.#startedAt,
      sentBytes: this.#sentBytes,
      receivedBytes: this.#receivedBytes,
    });
  }
}

// grpc-js asks what it was given for little more than the real subchannel, and that for a call: the rest is inherited.
function countingSubchannel(
  subchannel: SubchannelInterface,
  attempt: Attempt,
  started: () => void,
): SubchannelInterface {
  const real = subchannel.getRealSubchannel();
  const createCall: CreateCall = (metadata, host, method, listener, callNumber) => {
    const call = real.createCall(metadata, host, method, countingListener(listener, attempt), callNumber);
    started();
    return countSent(call, attempt);
  };
  const counting = Object.create(real, { createCall: { value: createCall } }) as Subchannel;
  return Object.create(subchannel, { getRealSubchannel: { value: () => counting } }) as SubchannelInterface;
}

function countingListener(listener: SubchannelListener, attempt: Attempt): SubchannelListener {
  return {
    onReceiveMetadata: (metadata) => listener.onReceiveMetadata(metadata),
    onReceiveMessage: (frame: Buffer) => {
      attempt.received(frame);
      listener.onReceiveMessage(frame);
    },
    onReceiveStatus: (status) => {
      attempt.ended(status.code);
      listener.onReceiveStatus(status);
    },
  };
}

function countSent(call: SubchannelCall, attempt: Attempt): SubchannelCall {
  const send = call.sendMessageWithContext.bind(call);
  call.sendMessageWithContext = (context, frame) => {
    attempt.sent(frame);
    send(context, frame);
  };
  return call;
}

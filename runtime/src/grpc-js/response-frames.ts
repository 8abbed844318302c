import type { experimental, Metadata, StatusObject } from "@grpc/grpc-js";
import { Status } from "../wire/status.js";

type Subchannel = ReturnType<experimental.SubchannelInterface["getRealSubchannel"]>;
type CreateCall = Subchannel["createCall"];
type SubchannelListener = Parameters<CreateCall>[3];
type SubchannelCall = ReturnType<CreateCall>;

/** The part of grpc-js's call that takes a response stream apart. Optional: without it, nothing is checked. */
interface FramesOfCall {
  readonly decoder?: { readonly readState?: number };
}

/** What the decoder's `readState` is between two messages. */
const BETWEEN_MESSAGES = 0;

/**
 * Has the calls of a subchannel fail with INTERNAL when their responses end within a message, or when one has a flag that
 * gRPC doesn't have. To grpc-js, half a message before an OK never was, and any odd flag means "not compressed".
 */
export function checkResponseFrames(subchannel: Subchannel): void {
  const createCall = subchannel.createCall.bind(subchannel);
  subchannel.createCall = (metadata, host, method, listener, callNumber) => {
    const checked = new CheckedResponses(listener);
    checked.call = createCall(metadata, host, method, checked, callNumber);
    return checked.call;
  };
}

class CheckedResponses implements SubchannelListener {
  call: SubchannelCall | undefined;
  readonly #listener: SubchannelListener;

  constructor(listener: SubchannelListener) {
    this.#listener = listener;
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.#listener.onReceiveMetadata(metadata);
  }

  onReceiveMessage(framed: Buffer): void {
    const flag = framed[0] ?? 0;
    if (flag > 1) {
      this.call?.cancelWithStatus(Status.INTERNAL, `The server sent a message with the flag ${flag}`);
    } else {
      this.#listener.onReceiveMessage(framed);
    }
  }

  onReceiveStatus(status: Parameters<SubchannelListener["onReceiveStatus"]>[0]): void {
    const { decoder } = (this.call ?? {}) as FramesOfCall;
    if (status.code === Status.OK && (decoder?.readState ?? BETWEEN_MESSAGES) !== BETWEEN_MESSAGES) {
      this.#listener.onReceiveStatus({ ...status, ...TRUNCATED });
    } else {
      this.#listener.onReceiveStatus(status);
    }
  }
}

const TRUNCATED: Pick<StatusObject, "code" | "details"> = {
  code: Status.INTERNAL,
  details: "The server's last message ends before its length",
};

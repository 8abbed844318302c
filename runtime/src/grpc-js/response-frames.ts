import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from "node:http2";
import type { experimental, Metadata, StatusObject } from "@grpc/grpc-js";
import { lineText } from "../contract/line-text.js";
import { Status } from "../wire/status.js";
import { foreignAnswer } from "./foreign-answer.js";
import { PatientStatus } from "./patient-status.js";

type Subchannel = ReturnType<experimental.SubchannelInterface["getRealSubchannel"]>;
type CreateCall = Subchannel["createCall"];
type SubchannelListener = Parameters<CreateCall>[3];
type SubchannelCall = ReturnType<CreateCall>;

/** The parts of grpc-js's call that have its stream and take it apart. Optional: without them, nothing is checked. */
interface FramesOfCall {
  readonly decoder?: { readonly readState?: number };
  readonly http2Stream?: Pick<ClientHttp2Stream, "prependListener">;
}

/** What the decoder's `readState` is between two messages. */
const BETWEEN_MESSAGES = 0;

/** What grpc-js unpacks; it says so to servers as `grpc-accept-encoding`. */
const KNOWN_ENCODINGS = new Set(["gzip", "deflate"]);

/**
 * Looks at the responses of a subchannel's calls before grpc-js does.
 *
 * What isn't gRPC's from the headers on, a proxy's own page for the most part, ends its call at once, with the status of its HTTP
 * status and as if it were trailers alone: so the contract's retries are asked. grpc-js takes such headers for the call's, which
 * commits it, and waits for the end of the page.
 *
 * Calls fail with INTERNAL, and with the reason, when messages aren't gRPC's:
 *
 * - They end within a message. To grpc-js, half a message before an OK never was.
 * - One has a flag that gRPC doesn't have. To grpc-js, any odd flag means "not compressed".
 * - One is compressed, though the server named no encoding, or one that is unknown here. grpc-js ends the call without a code.
 *
 * The messages before an error status arrive: see {@link PatientStatus}.
 */
export function checkResponseFrames(subchannel: Subchannel): void {
  const createCall = subchannel.createCall.bind(subchannel);
  subchannel.createCall = (metadata, host, method, listener, callNumber) => {
    const checked = new CheckedResponses(listener);
    const call = createCall(metadata, host, method, checked, callNumber);
    checked.follow(call);
    return call;
  };
}

class CheckedResponses implements SubchannelListener {
  readonly #listener: SubchannelListener;
  #call: SubchannelCall | undefined;
  #status: PatientStatus | undefined;
  #encoding = "identity";
  #isForeign = false;

  constructor(listener: SubchannelListener) {
    this.#listener = listener;
  }

  follow(call: SubchannelCall): void {
    this.#call = call;
    this.#status = new PatientStatus(call);
    (call as FramesOfCall).http2Stream?.prependListener("response", (headers: IncomingHttpHeaders, flags: number) => {
      // Trailers alone have their status themselves, or get that of the HTTP status from grpc-js.
      const foreign = (flags & constants.NGHTTP2_FLAG_END_STREAM) === 0 ? foreignAnswer(headers) : undefined;
      if (foreign !== undefined) {
        this.#isForeign = true;
        call.cancelWithStatus(foreign.code, foreign.details);
      }
    });
  }

  onReceiveMetadata(metadata: Metadata): void {
    if (this.#isForeign) {
      return;
    }
    this.#encoding = String(metadata.get("grpc-encoding")[0] ?? "identity");
    this.#listener.onReceiveMetadata(metadata);
  }

  onReceiveMessage(framed: Buffer): void {
    const problem = this.#problemOf(framed[0] ?? 0);
    if (problem === undefined) {
      this.#listener.onReceiveMessage(framed);
    } else {
      this.#call?.cancelWithStatus(Status.INTERNAL, problem);
    }
  }

  #problemOf(flag: number): string | undefined {
    if (flag === 0 || (flag === 1 && KNOWN_ENCODINGS.has(this.#encoding))) {
      return undefined;
    }
    if (flag > 1) {
      return `The server sent a message with the flag ${flag}`;
    }
    return this.#encoding === "identity"
      ? "The server sent a compressed message, and didn't say how it is compressed"
      : `The server sent a message that is compressed as "${lineText(this.#encoding)}", which this client doesn't know`;
  }

  onReceiveStatus(received: Parameters<SubchannelListener["onReceiveStatus"]>[0]): void {
    const status = this.#status?.restore(received) ?? received;
    const { decoder } = (this.#call ?? {}) as FramesOfCall;
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

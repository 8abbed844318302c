import type { IncomingHttpHeaders } from "node:http2";
import type { StatusObject } from "@grpc/grpc-js";
import { Status } from "../wire/status.js";
import { insideCall, type SubchannelCall, type SubchannelCallInside } from "./private-names.js";

/**
 * Has the status of a call's trailers wait for the messages before it, whatever the status is.
 *
 * grpc-js lets an OK wait until everything has been read. Any other status it delivers at once, and drops what the server
 * sent before it: the messages that are still being unpacked, or that nobody has asked for yet. So trailers with an error come
 * to it as an OK, and become what they are when they have waited.
 *
 * Meanwhile no more requests are written: the server has answered, and to grpc-js a stream that is closed to them would be an
 * error of its own.
 */
export class PatientStatus {
  /** What the trailers say, if it isn't OK. */
  #code: number | undefined;
  /** What grpc-js made of them. */
  #sent: StatusObject | null = null;
  readonly #inside: SubchannelCallInside;

  constructor(call: SubchannelCall) {
    const inside = insideCall(call);
    const { http2Stream } = inside;
    this.#inside = inside;
    http2Stream?.prependListener("trailers", (trailers: IncomingHttpHeaders) => {
      const code = trailers["grpc-status"];
      if (typeof code === "string" && code !== OK) {
        // grpc-js takes an empty text for an OK.
        this.#code = /^[1-9]\d*$/.test(code) ? Number(code) : Number.NaN;
        trailers["grpc-status"] = OK;
        queueMicrotask(() => {
          this.#sent = inside.getStatus?.() ?? null;
        });
      }
      if (!http2Stream.writableEnded) {
        call.sendMessageWithContext = dropRequest;
      }
    });
  }

  /** The status that the server sent, of one that has waited. What this side made of the call meanwhile stays. */
  restore<S extends StatusObject>(status: S): S {
    if (this.#code === undefined) {
      return status;
    }
    if (status.code === Status.OK) {
      return { ...status, code: this.#code };
    }
    // The server had answered before its connection went.
    return status.code === Status.UNAVAILABLE && this.#inside.connectionDropped === true && this.#sent !== null
      ? { ...status, ...this.#sent, code: this.#code }
      : status;
  }
}

// Called back in a later turn, as what was written would be: who streams requests without end must let others have theirs.
const dropRequest: SubchannelCall["sendMessageWithContext"] = ({ callback }) => {
  if (callback !== undefined) {
    setImmediate(callback);
  }
};

const OK = String(Status.OK);

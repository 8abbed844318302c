import type { ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import type { StatusObject } from "@grpc/grpc-js";
import { Status } from "../wire/status.js";

/** A call of grpc-js's, with the part of it that has its stream. Optional: without it, grpc-js does what it does. */
interface CallWithStream {
  readonly http2Stream?: Pick<ClientHttp2Stream, "prependListener">;
  getStatus(): StatusObject | null;
}

/**
 * Has the status of a call's trailers wait for the messages before it, whatever the status is.
 *
 * grpc-js lets an OK wait until everything has been read. Any other status it delivers at once, and drops what the server
 * sent before it: the messages that are still being unpacked, or that nobody has asked for yet. So trailers with an error come
 * to it as an OK, and become what they are when they have waited.
 */
export class PatientStatus {
  /** What the trailers say, if it isn't OK. */
  #code: number | undefined;
  /** What grpc-js made of them. */
  #sent: StatusObject | null = null;

  constructor(call: object) {
    const { http2Stream } = call as CallWithStream;
    http2Stream?.prependListener("trailers", (trailers: IncomingHttpHeaders) => {
      const code = trailers["grpc-status"];
      if (typeof code === "string" && code !== OK) {
        // grpc-js takes an empty text for an OK.
        this.#code = /^[1-9]\d*$/.test(code) ? Number(code) : Number.NaN;
        trailers["grpc-status"] = OK;
        queueMicrotask(() => {
          this.#sent = (call as CallWithStream).getStatus();
        });
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
    return status.details === CONNECTION_DROPPED && this.#sent !== null
      ? { ...status, ...this.#sent, code: this.#code }
      : status;
  }
}

const OK = String(Status.OK);

/** What grpc-js says of calls whose connection went. */
const CONNECTION_DROPPED = "Connection dropped";

import type { ClientHttp2Session } from "node:http2";
import { endSocketFirst } from "../wire/socket-first.js";
import { tellMissing } from "./known-grpc-js.js";
import { PRIVATE_NAMES, socketOf } from "./private-names.js";

/** Ends a client's connection in the order that spares the process: see {@link endSocketFirst}. */
export function endOwnSocketFirst(session: ClientHttp2Session): void {
  const socket = socketOf(session);
  if (socket === undefined) {
    tellMissing([PRIVATE_NAMES.sessionSocket]);
    return;
  }
  let calls = 0;
  const { request } = session;
  const closed = (): void => {
    calls -= 1;
  };
  session.request = (headers, options) => {
    const stream = request.call(session, headers, options);
    calls += 1;
    return stream.once("close", closed);
  };
  endSocketFirst(session, socket, () => calls > 0);
}

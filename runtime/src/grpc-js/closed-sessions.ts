import type { ClientHttp2Session } from "node:http2";
import { Duplex } from "node:stream";
import { endSocketFirst } from "../wire/socket-first.js";

/** Ends a client's connection in the order that spares the process: see {@link endSocketFirst}. */
export function endOwnSocketFirst(session: ClientHttp2Session): void {
  const socket = socketOf(session);
  if (socket === undefined) {
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

// What `session.socket` gives can't be destroyed. It isn't part of Node's interface: a version without it goes on as it does by itself.
function socketOf(session: ClientHttp2Session): Duplex | undefined {
  const key = Object.getOwnPropertySymbols(session).find(({ description }) => description === "socket");
  const socket: unknown = key === undefined ? undefined : Reflect.get(session, key);
  return socket instanceof Duplex ? socket : undefined;
}

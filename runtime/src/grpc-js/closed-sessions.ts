import type { ClientHttp2Session } from "node:http2";
import { Duplex } from "node:stream";
import { endAfterStreams } from "../wire/end-after-streams.js";

/** Ends a client's connection in the order that spares the process: see {@link endAfterStreams}. */
export function endInOrder(session: ClientHttp2Session): void {
  // What `session.socket` gives can't be destroyed. It isn't part of Node's interface: a version without it goes on as it does by
  // itself.
  const socket = insideOf(session, "socket");
  const handle = insideOf(session, "kHandle");
  if (!(socket instanceof Duplex)) {
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
  // The first calls are made before anybody knows of the connection. One that closes well is destroyed when it has none.
  endAfterStreams(
    session,
    socket,
    () => calls > 0 || !session.closed,
    () => handle,
  );
}

function insideOf(session: ClientHttp2Session, name: string): unknown {
  const key = Object.getOwnPropertySymbols(session).find(({ description }) => description === name);
  return key === undefined ? undefined : Reflect.get(session, key);
}

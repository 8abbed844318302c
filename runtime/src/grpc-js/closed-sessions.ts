import type { ClientHttp2Session } from "node:http2";
import { endAfterStreams, freeAfterBytes } from "../wire/end-after-streams.js";
import { tellMissing } from "./known-grpc-js.js";
import { handleOf, PRIVATE_NAMES, socketOf } from "./private-names.js";

/** Ends a client's connection in the order that spares the process: see {@link endAfterStreams}. */
export function endInOrder(session: ClientHttp2Session): void {
  const socket = socketOf(session);
  const handle = handleOf(session);
  tellMissing([
    ...(socket === undefined ? [PRIVATE_NAMES.sessionSocket] : []),
    ...(handle === undefined ? [PRIVATE_NAMES.sessionHandle] : []),
  ]);
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
    freeAfterBytes(stream);
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

/**
 * Ends a connection on which nothing comes any more, without last words. Until its socket has closed, grpc-js takes it for a good
 * one, and calls that are begun there would end as INTERNAL.
 */
export function endAtOnce(session: Pick<ClientHttp2Session, "destroy">): void {
  const socket = socketOf(session);
  if (socket === undefined) {
    session.destroy();
  } else {
    socket.destroy();
  }
}

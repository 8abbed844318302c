import type { Http2Stream } from "node:http2";

/*
 * Node reads ahead of a stream that is paused: from 22 on 64 KiB, on 20 a quarter of it, besides the stream's window, as what is read
 * gives the peer its window back. Of a thousand streams that wait, that is as much as a server may hold. Its high-water mark can't be
 * set for one stream; `_read` is what Node documents for who decides how much is read.
 */

/** Has a paused stream take no more than its window. */
export function stopReadingAhead(stream: Http2Stream): void {
  stream._read = nothing;
}

/** Takes that back. */
export function readAhead(stream: Http2Stream): void {
  if (stream._read === nothing) {
    stream._read = (Object.getPrototypeOf(stream) as Http2Stream)._read;
    // It may have been asked meanwhile, and isn't asked again before it has given something.
    stream._read(stream.readableHighWaterMark);
  }
}

function nothing(): void {}

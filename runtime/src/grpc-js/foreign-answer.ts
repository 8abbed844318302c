import type { IncomingHttpHeaders } from "node:http2";
import { lineText } from "../contract/line-text.js";
import { Status } from "../wire/status.js";

/** What an answer that isn't gRPC's comes to. */
export interface ForeignAnswer {
  readonly code: Status;
  readonly details: string;
}

/** As gRPC's `http-grpc-status-mapping` has it. Whatever isn't here is UNKNOWN. */
const BY_HTTP_STATUS: ReadonlyMap<number, Status> = new Map([
  [400, Status.INTERNAL],
  [401, Status.UNAUTHENTICATED],
  [403, Status.PERMISSION_DENIED],
  [404, Status.UNIMPLEMENTED],
  [429, Status.UNAVAILABLE],
  [502, Status.UNAVAILABLE],
  [503, Status.UNAVAILABLE],
  [504, Status.UNAVAILABLE],
]);

const GRPC_CONTENT_TYPE = /^application\/grpc(?:$|[+;])/i;

/**
 * Looks whether response headers are gRPC's: HTTP status 200, and `application/grpc` with or without a suffix. What a proxy answers
 * by itself isn't, such as a page that says "502 Bad Gateway".
 */
export function foreignAnswer(headers: IncomingHttpHeaders): ForeignAnswer | undefined {
  const httpStatus = Number(headers[":status"]);
  const contentType = headers["content-type"];
  if (httpStatus === 200 && contentType !== undefined && GRPC_CONTENT_TYPE.test(contentType)) {
    return undefined;
  }
  const type =
    contentType === undefined ? "no content type" : `the content type ${lineText(contentType.slice(0, 100))}`;
  return {
    code: BY_HTTP_STATUS.get(httpStatus) ?? Status.UNKNOWN,
    details: `The answer isn't gRPC's: HTTP status ${httpStatus}, ${type}`,
  };
}

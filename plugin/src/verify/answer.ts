import type { IncomingHttpHeaders, IncomingHttpStatusHeader } from "node:http2";
import { Status, type StatusName, statusName } from "@accord-grpc/runtime/contract";

/** A message as it came, and whether its flag says that it is compressed. */
export interface AnswerFrame {
  readonly compressed: boolean;
  readonly bytes: Buffer;
}

/** What came of a call, as it was on the wire. */
export interface Answer {
  /** Ended by the server, reset or lost, or still silent when patience ended. */
  readonly end: "ended" | "broken" | "silent";
  readonly headers: (IncomingHttpHeaders & IncomingHttpStatusHeader) | undefined;
  /** Those of an answer that is headers alone are its headers. */
  readonly trailers: IncomingHttpHeaders | undefined;
  readonly frames: readonly AnswerFrame[];
  /** Bytes at the end that are no whole message. */
  readonly rest: number;
  /** The code of RST_STREAM, or what became of the connection. */
  readonly reason: string;
  readonly elapsedMs: number;
  /** More came than is kept: what was left out isn't judged. */
  readonly cut: boolean;
}

/** The status that an answer ends with; undefined without one. */
export function answerStatus({ trailers }: Answer): Status | undefined {
  const text = trailers?.["grpc-status"];
  return typeof text === "string" && /^(?:\d|1[0-6])$/.test(text) ? (Number(text) as Status) : undefined;
}

/** Whether an answer is what a server gives at a deadline: the status, or a reset, which is how some libraries say it. */
export function isLateEnd(answer: Answer): boolean {
  const status = answerStatus(answer);
  return status === undefined
    ? answer.end === "broken"
    : status === Status.DEADLINE_EXCEEDED || status === Status.CANCELLED;
}

/** How an answer ended, for people: `NOT_FOUND "There is no account x"`. */
export function endText(answer: Answer): string {
  const status = answerStatus(answer);
  if (status === undefined) {
    return answer.end === "silent" ? "no answer" : answer.end === "broken" ? answer.reason : "no grpc-status";
  }
  const message = answerMessage(answer);
  return message === "" ? statusName(status) : `${statusName(status)} ${JSON.stringify(message)}`;
}

/** The text of a status, decoded as far as it can be. */
export function answerMessage({ trailers }: Answer): string {
  const text = trailers?.["grpc-message"];
  if (typeof text !== "string") {
    return "";
  }
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether an answer ended with a status of this name. */
export function endedWith(answer: Answer, name: StatusName): boolean {
  return answerStatus(answer) === Status[name];
}

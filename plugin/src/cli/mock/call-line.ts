import type { ShownCall } from "@accord-grpc/runtime/testing";
import { plainLine, type TextStyle } from "../text-style.js";

// So much of a request is in its line: the page has the rest.
const MOST_CHARACTERS = 200;

/** The line of a call that has ended: `LedgerService/Transfer  OK  12 ms  request_id: "r-1" …`. */
export function callLine(call: ShownCall, style: TextStyle): string {
  const { method, status = "", code, attempt, durationMs, fault, source, requests } = call;
  const name = method.slice(method.lastIndexOf(".") + 1);
  const outcome = code === undefined ? status : `${status} ${code}`;
  const paint = status === "OK" ? style.green : code === undefined ? style.red : style.yellow;
  const notes = [
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
    ...(fault === undefined ? [] : [fault]),
    ...(source === "default" || source === "fault" ? [] : [source]),
  ];
  const note = notes.length === 0 ? "" : ` [${notes.join(", ")}]`;
  const text = plainLine(requests[0] ?? "");
  const request = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 2)} …` : text;
  return `${style.bold(name)}  ${paint(outcome)}  ${durationMs} ms${style.cyan(note)}  ${style.dim(request)}\n`;
}

import type { StatusName } from "@accord-grpc/runtime/contract";
import { duration } from "../../emit/docs/duration.js";
import type { MethodKind } from "../../model/model.js";
import type { TextStyle } from "../text-style.js";
import type { ExplainedMethod } from "./explanation.js";

const KINDS: Readonly<Record<MethodKind, string>> = {
  unary: "unary",
  client_streaming: "client stream",
  server_streaming: "server stream",
  bidi_streaming: "bidirectional stream",
};

/** `server stream` */
export function kindWords(kind: MethodKind): string {
  return KINDS[kind];
}

/** The same in a table: `both ways` is shorter. */
export function kindWord(kind: MethodKind): string {
  return kind === "bidi_streaming" ? "bidi stream" : KINDS[kind];
}

/** A cell: `within 2 s`. */
export function deadlineWord(method: ExplainedMethod): string {
  return method.timeoutMs === null ? "no deadline" : `within ${duration(method.timeoutMs)}`;
}

/** A cell: `5 attempts`. */
export function resendWord({ resend, resume }: ExplainedMethod): string {
  if (resume !== null) {
    return "resumed";
  }
  switch (resend.kind) {
    case "none":
      return "sent once";
    case "retry":
      return `${resend.attempts.length} attempts`;
    case "hedge":
      return `${resend.attempts.length} copies`;
  }
}

/** Whether a client sends calls again by itself, if only to go on with a stream. */
export function isSentAgain({ resend, resume }: ExplainedMethod): boolean {
  return resend.kind !== "none" || resume !== null;
}

/** A cell: `3 errors`. */
export function raisesWord({ raises }: ExplainedMethod): string {
  return raises.length === 0 ? "no errors" : raises.length === 1 ? "1 error" : `${raises.length} errors`;
}

/** Statuses in words: `UNAVAILABLE or ABORTED`. */
export function anyOf(statuses: readonly StatusName[], style: TextStyle): string {
  const styled = statuses.map((status) => style.yellow(status));
  return styled.length < 2 ? styled.join("") : `${styled.slice(0, -1).join(", ")} or ${styled.at(-1)}`;
}

/** Bytes as a person counts them: `4 MiB`, `64 KiB`, `1,500 bytes`. */
export function bytes(count: number): string {
  const units: readonly [string, number][] = [
    ["GiB", 1 << 30],
    ["MiB", 1 << 20],
    ["KiB", 1 << 10],
  ];
  const [unit, size] = units.find(([, one]) => count >= one && Number.isInteger((count / one) * 100)) ?? [];
  return unit === undefined || size === undefined ? `${count.toLocaleString("en")} bytes` : `${count / size} ${unit}`;
}

/** The first paragraph of a comment, on one line; nothing if there is none. */
export function firstParagraph(comment: string | null): string {
  return (
    (comment ?? "")
      .split(/\n\s*\n/, 1)[0]
      ?.replace(/\s+/g, " ")
      .trim() ?? ""
  );
}

import type { Answer, Question, Usage } from "./messages.js";

/** Answers the bench's questions, in a process of its own. The process ends with its parent. */
export function answerQuestions(answer: (question: Question) => Promise<Answer>): void {
  process.on("message", async (question: Question) => {
    try {
      if (question.kind === "stop") {
        process.exit();
      }
      process.send?.(question.kind === "usage" ? { usage: usage(question) } : await answer(question));
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    }
  });
  process.on("disconnect", () => process.exit());
}

function usage({ afterGarbageCollection = false }: Extract<Question, { readonly kind: "usage" }>): Usage {
  if (afterGarbageCollection) {
    if (globalThis.gc === undefined) {
      throw new Error("The process was started without --expose-gc");
    }
    // What waits for finalizers goes with the second.
    void globalThis.gc();
    void globalThis.gc();
  }
  const { user, system } = process.cpuUsage();
  const { heapUsed, rss } = process.memoryUsage();
  return { cpuMicroseconds: user + system, heapBytes: heapUsed, residentBytes: rss };
}

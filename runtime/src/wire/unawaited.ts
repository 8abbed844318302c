/** Something that nobody waits for, a promise perhaps: its rejection must not end the process. Never throws. */
export function unawaited(answer: unknown): void {
  if (typeof answer === "object" && answer !== null) {
    void settled(answer);
  }
}

// Even looking whether it is a promise can throw: inside, that is a rejection too.
async function settled(answer: object): Promise<void> {
  try {
    await answer;
  } catch {
    // Whoever gave it to us was told that it isn't waited for.
  }
}

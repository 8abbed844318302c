/** What was thrown, in words: an error's message, or the thing itself. Never throws, whatever it was. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.message}` : String(thrown);
  } catch {
    return "something that can't be looked at";
  }
}

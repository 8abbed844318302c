/** What was thrown, as an error: itself, or one that shows it. Never throws. */
export function asError(thrown: unknown): Error {
  try {
    return thrown instanceof Error ? thrown : new Error(`Something that isn't an Error was thrown: ${shown(thrown)}`);
  } catch {
    return new Error("Something was thrown that can't be looked at");
  }
}

function shown(thrown: unknown): string {
  return typeof thrown === "object" ? JSON.stringify(thrown) : String(thrown);
}

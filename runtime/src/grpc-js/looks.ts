/** How often connections are looked at. */
export const LOOK_MS = 500;

/** Does something every {@link LOOK_MS}, when what has come while this process was busy has been read. */
export function everyLook(look: () => void): NodeJS.Timeout {
  return setInterval(() => setImmediate(look), LOOK_MS).unref();
}

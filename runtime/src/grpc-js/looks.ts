/** How often connections are looked at. */
export const LOOK_MS = 500;

/** Does something every {@link LOOK_MS}, when what has come while this process was busy has been read. */
export function everyLook(look: () => void): NodeJS.Timeout {
  return setInterval(() => setImmediate(look), LOOK_MS).unref();
}

/** What is looked at while it wants to be. */
export interface Looking {
  /** Returns whether it wants to be looked at again. */
  look(): boolean;
}

const looked = new Set<Looking>();
let timer: NodeJS.Timeout | undefined;

/** Has something looked at from now on. One timer does for all. */
export function lookAt(looking: Looking): void {
  looked.add(looking);
  timer ??= everyLook(lookAtAll);
}

function lookAtAll(): void {
  for (const looking of looked) {
    if (!looking.look()) {
      looked.delete(looking);
    }
  }
  if (looked.size === 0) {
    clearInterval(timer);
    timer = undefined;
  }
}

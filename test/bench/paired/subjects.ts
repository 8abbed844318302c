// A process in which several servers listen that differ in one thing, so that all else of it is the same for them.

/** What it says first. */
export interface Listening {
  /** Where each subject listens: `127.0.0.1:41233`. */
  readonly addresses: Readonly<Record<string, string>>;
}

/** What it answers whenever it is asked. */
export interface Used {
  /** Microseconds of processor time since the process began. */
  readonly cpu: number;
}

/** Tells the parent where the subjects listen, and from then on what this process has used. The process ends with its parent. */
export function tellParent(addresses: Listening["addresses"]): void {
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: user + system } satisfies Used);
  });
  process.on("disconnect", () => process.exit());
  process.send?.({ addresses } satisfies Listening);
}

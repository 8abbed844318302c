const STOP_SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** Calls `stop` for each signal that asks the process to stop. Returns what ends that. */
export function onStopSignals(stop: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of STOP_SIGNALS) {
    process.on(signal, stop);
  }
  return () => {
    for (const signal of STOP_SIGNALS) {
      process.off(signal, stop);
    }
  };
}

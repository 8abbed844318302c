/** The soak cases' flags, which all implementations share: patient with a machine that does other things, too. */
export const SOAK_FLAGS: readonly string[] = [
  "--soak_iterations=100",
  "--soak_max_failures=0",
  "--soak_per_iteration_max_acceptable_latency_ms=10000",
  "--soak_overall_timeout_seconds=120",
];

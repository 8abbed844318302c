/** The soak cases' flags, which all implementations share: patient with a machine that does other things, too. */
const SOAK_FLAGS: readonly string[] = [
  "--soak_iterations=100",
  "--soak_max_failures=0",
  "--soak_per_iteration_max_acceptable_latency_ms=10000",
  "--soak_overall_timeout_seconds=120",
];

/**
 * Not a case of gRPC's: `rpc_soak` by ten threads, for twenty seconds, against a server whose connections live for half a second. No
 * call may be lost to a connection that leaves.
 */
export const SOAK_OF_LEAVING = "rpc_soak_while_connections_leave";

/** How long connections of that server live, in milliseconds. */
export const LEAVING_AGE_MS = 500;

const LEAVING_FLAGS: readonly string[] = [
  "--test_case=rpc_soak",
  "--soak_iterations=4000",
  "--soak_num_threads=10",
  "--soak_min_time_ms_between_rpcs=50",
  "--soak_request_size=1000",
  "--soak_response_size=1000",
  "--soak_max_failures=0",
  "--soak_per_iteration_max_acceptable_latency_ms=10000",
  "--soak_overall_timeout_seconds=120",
];

/** What a client of gRPC's is told to run a case. */
export function caseFlags(testCase: string): readonly string[] {
  return testCase === SOAK_OF_LEAVING ? LEAVING_FLAGS : [`--test_case=${testCase}`, ...SOAK_FLAGS];
}

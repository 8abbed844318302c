/** What clients' programs need in order to read load reports: a policy of the tests' own, which their channels get by this flag. */
export function orcaFlags(testCase: string): string[] {
  const config = { loadBalancingConfig: [{ test_backend_metrics_load_balancer: {} }] };
  return testCase.startsWith("orca_") ? [`--service_config_json=${JSON.stringify(config)}`] : [];
}

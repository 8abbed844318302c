import type { MethodConfig } from "../wire/service-config.js";

/** How many attempts a call has, by what a service config names: `/ledger.v1.Ledger/Get`, `/ledger.v1.Ledger/`, or `` for all. */
export type AttemptsByName = Readonly<Record<string, number>>;

/** The attempts of calls whose connections fail. Methods without retries are named too: they may be exceptions of a service's. */
export function attemptsByName(methodConfig: readonly MethodConfig[] = []): AttemptsByName {
  return Object.fromEntries(
    methodConfig.flatMap(({ name, retryPolicy }) => {
      const attempts = retryPolicy?.retryableStatusCodes.includes("UNAVAILABLE") ? retryPolicy.maxAttempts : 1;
      return name.map(({ service = "", method = "" }) => [service === "" ? "" : `/${service}/${method}`, attempts]);
    }),
  );
}

/** Those of a method's calls. The most specific entry alone counts. */
export function attemptsOf(byName: AttemptsByName, path: string): number {
  return byName[path] ?? byName[path.slice(0, path.lastIndexOf("/") + 1)] ?? byName[""] ?? 1;
}

import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** What `npm test` and the suites have in common. */
export default defineConfig({
  // The workspace's packages are tested from their sources.
  resolve: { conditions: ["@accord-grpc/source"] },
  ssr: { resolve: { conditions: ["@accord-grpc/source"] } },
  test: {
    exclude: ["**/node_modules/**", "**/dist/**"],
    pool: "forks",
    // vitest leaves a core for itself, which on two cores is half of the machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Sockets and child processes on a busy machine: the limit is there to end what hangs, not to time anything.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // In CI, what failed is tried again: with real sockets, processes and frozen peers, a machine that stalls for a second
    // can make the observer late. What is wrong fails each time.
    retry: process.env.CI === undefined ? 0 : 2,
    server: { deps: { inline: [/@accord-grpc\//] } },
  },
});

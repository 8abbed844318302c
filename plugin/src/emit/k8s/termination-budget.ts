import type { DeploymentModel } from "../../model/model.js";

/** How the time between a pod's end being decided and its process being killed is spent, in milliseconds. */
export interface TerminationBudget {
  /** The pod has left DNS and serves as before, while clients hear of it. Whole seconds: Kubernetes knows no others. */
  readonly preStopMs: number;
  /** Calls in flight finish. At the end of it, what still runs is answered with UNAVAILABLE. */
  readonly drainMs: number;
  /** What is left for the process to end by itself. Negative only in a contract that is refused. */
  readonly slackMs: number;
  /** `terminationGracePeriodSeconds`: the sum. */
  readonly graceMs: number;
}

/** The budget that a deployment's numbers come to. */
export function terminationBudget(deployment: DeploymentModel): TerminationBudget {
  const preStopMs = Math.ceil(deployment.preStopMs / 1_000) * 1_000;
  const graceMs = deployment.terminationGraceSeconds * 1_000;
  return { preStopMs, drainMs: deployment.drainMs, slackMs: graceMs - preStopMs - deployment.drainMs, graceMs };
}

import { SERVER_DEFAULTS } from "@accord-grpc/runtime/contract";
import { durationMs } from "./duration.js";
import type { DeploymentSettings, Setting } from "./package-settings.js";

/** How a package's server is deployed and stops, with the defaults applied. */
export interface ResolvedDeployment {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly port: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly preStopMs: number;
  readonly drainMs: number;
  readonly connectionAgeMs: number;
  readonly connectionAgeGraceMs: number;
  /** What the contract says, else computed: preStop + drain + slack. */
  readonly terminationGraceMs: number;
  readonly cpu: string;
  readonly memory: string;
  readonly maxConcurrentCalls: number | undefined;
  readonly tls: boolean;
}

/** What is left between two limits of which the inner must end first. */
export const SLACK_MS = 5_000;

/** Kubernetes takes 63 characters for a name; `-headless` has to fit behind it. */
export const LONGEST_NAME = 63 - "-headless".length;

const DEFAULTS = {
  namespace: "default",
  minReplicas: 3,
  // A cluster's DNS (CoreDNS) keeps an answer for up to 30 s.
  preStopMs: 30_000,
  cpu: "250m",
  memory: "256Mi",
} as const;

/**
 * Applies the defaults. A duration that can't be read counts as its default; DURATION_SYNTAX tells of it.
 *
 * @param packageName gives the objects their name, where the contract doesn't
 */
export function resolveDeployment(settings: DeploymentSettings, packageName: string): ResolvedDeployment {
  const name = settings.name[0]?.value ?? objectName(packageName);
  const preStopMs = ms(settings.preStop) ?? DEFAULTS.preStopMs;
  const minReplicas = settings.minReplicas[0]?.value ?? DEFAULTS.minReplicas;
  const drainMs = ms(settings.drain) ?? SERVER_DEFAULTS.drainMs;
  return {
    name,
    namespace: settings.namespace[0]?.value ?? DEFAULTS.namespace,
    image: settings.image[0]?.value ?? `${name}:unreleased`,
    port: settings.port[0]?.value ?? SERVER_DEFAULTS.port,
    minReplicas,
    maxReplicas: settings.maxReplicas[0]?.value ?? minReplicas,
    preStopMs,
    drainMs,
    connectionAgeMs: ms(settings.connectionAge) ?? SERVER_DEFAULTS.connectionAgeMs,
    connectionAgeGraceMs: ms(settings.connectionAgeGrace) ?? SERVER_DEFAULTS.connectionAgeGraceMs,
    terminationGraceMs: ms(settings.terminationGrace) ?? preStopMs + drainMs + SLACK_MS,
    cpu: settings.cpu[0]?.value ?? DEFAULTS.cpu,
    memory: settings.memory[0]?.value ?? DEFAULTS.memory,
    maxConcurrentCalls: settings.maxConcurrentCalls[0]?.value,
    tls: settings.tls[0]?.value ?? false,
  };
}

function ms(setting: Setting<string>): number | undefined {
  return setting[0] === undefined ? undefined : durationMs(setting[0].value);
}

/** A package's name as Kubernetes takes it: `acme.ledger_api.v1` → `acme-ledger-api-v1`. */
function objectName(packageName: string): string {
  const name = packageName.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  // The end tells packages apart better than the start.
  return name.slice(-LONGEST_NAME).replace(/^[^a-z]+|-+$/g, "") || "server";
}

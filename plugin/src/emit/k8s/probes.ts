import type { ServiceModel } from "../../model/model.js";

/** A probe of Kubernetes: one of `grpc` and `tcp` is there. */
export interface ProbeView {
  /** Kubernetes' own gRPC probe: it asks `grpc.health.v1.Health/Check`, and is content with SERVING. */
  readonly grpc: GrpcProbeView | undefined;
  /** Opens a connection, and closes it. */
  readonly tcp: TcpProbeView | undefined;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

export interface GrpcProbeView {
  /** The full name of the service that is asked for; without it, it's the server as a whole. */
  readonly service: string | undefined;
}

export interface TcpProbeView {
  /** The name of the container's port. */
  readonly port: string;
}

/** The probes of a server's container. */
export interface ProbesView {
  /** Until it succeeds once, the others wait. When it has failed too often, the container is started again. */
  readonly startup: ProbeView;
  /** While it fails, the pod isn't in DNS and gets no new connections. */
  readonly readiness: ProbeView;
  /** When it fails, the container is started again. */
  readonly liveness: ProbeView;
}

/**
 * Decides what the probes ask for.
 *
 * A container has one readiness probe, and a probe names one service. So one required service is asked for by its full
 * name; several are asked for together, as the server as a whole, which serves only while each of them does.
 *
 * Whether the container lives isn't asked of health: a service that doesn't serve because its database is gone won't
 * serve sooner for being started again.
 */
export function probesOf(services: readonly ServiceModel[]): ProbesView {
  const required = services.filter((service) => service.healthRequired);
  const grpc = { service: required.length === 1 ? required[0]?.service.typeName : undefined };
  return {
    startup: { grpc, tcp: undefined, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 120 },
    readiness: { grpc, tcp: undefined, periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 2 },
    liveness: { grpc: undefined, tcp: { port: "grpc" }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
  };
}

import type { ServiceModel } from "../../model/model.js";

/** A probe of Kubernetes: one of `grpc`, `exec` and `tcp` is there. */
export interface ProbeView {
  /** Kubernetes' own gRPC probe: it asks `grpc.health.v1.Health/Check`, and is content with SERVING. */
  readonly grpc: GrpcProbeView | undefined;
  /** A command in the container, whose exit code 0 is content: for servers with TLS, which the kubelet can't speak. */
  readonly exec: ExecProbeView | undefined;
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

export interface ExecProbeView {
  readonly command: readonly string[];
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
export function probesOf(services: readonly ServiceModel[], { port, tls }: ProbedServer): ProbesView {
  const required = services.filter((service) => service.healthRequired);
  const service = required.length === 1 ? required[0]?.service.typeName : undefined;
  const asks = tls ? { ...NOTHING, exec: { command: probeCommand(port, service) } } : { ...NOTHING, grpc: { service } };
  // A command starts a process of its own each time, which takes longer and costs more.
  const pace = tls ? STARTING_A_PROCESS : ASKING;
  return {
    startup: { ...asks, ...pace.startup },
    readiness: { ...asks, ...pace.readiness },
    liveness: { ...NOTHING, tcp: { port: "grpc" }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
  };
}

/** What a probe has to know of a server. */
export interface ProbedServer {
  readonly port: number;
  readonly tls: boolean;
}

const NOTHING = { grpc: undefined, exec: undefined, tcp: undefined };

const ASKING = {
  startup: { periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 120 },
  readiness: { periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 2 },
};

const STARTING_A_PROCESS = {
  startup: { periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 60 },
  readiness: { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 2 },
};

/** Where the manifests mount a server's certificate. */
export const CERTIFICATE_FOLDER = "/etc/tls";

/**
 * `accord-probe`, as it is in an image whose working directory has the app's `node_modules`: without a shell or npm. It shows
 * the server's own certificate, if the server asks for one.
 */
function probeCommand(port: number, service: string | undefined): string[] {
  return [
    "node",
    "node_modules/@accord-grpc/runtime/bin/accord-probe.cjs",
    "--tls",
    `--certificate=${CERTIFICATE_FOLDER}/tls.crt`,
    `--key=${CERTIFICATE_FOLDER}/tls.key`,
    ...(service === undefined ? [] : [`--service=${service}`]),
    `127.0.0.1:${port}`,
  ];
}

import { describe, expect, it } from "vitest";
import { generateArtifacts } from "./generate-artifacts.js";
import { type Manifest, parseManifest, unknownFields, validateManifest } from "./manifest-schema.js";

// The manifests themselves are compared in test/golden; here is what must hold of any.
const CASES = ["operations", "operations_bare", "ledger", "shared-directory", "hostile"];

interface Deployment {
  readonly selector: { readonly matchLabels: Record<string, string> };
  readonly replicas?: number;
  readonly template: {
    readonly metadata: { readonly labels: Record<string, string> };
    readonly spec: {
      readonly terminationGracePeriodSeconds: number;
      readonly containers: readonly {
        readonly image: string;
        readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
        readonly env: readonly { readonly name: string; readonly value?: string }[];
        readonly resources: object;
        readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
        readonly startupProbe: object;
        readonly readinessProbe: object;
        readonly livenessProbe: object;
        readonly securityContext: object;
      }[];
      readonly securityContext: object;
    };
  };
}

async function manifestsOf(goldenCase: string): Promise<Map<string, Manifest>> {
  const files = await generateArtifacts(goldenCase, "artifacts=k8s");
  const manifests = [...files].filter(([path]) => path.endsWith(".yaml"));
  return new Map(manifests.map(([path, yaml]) => [path, parseManifest(yaml)]));
}

async function deploymentOf(goldenCase: string, path: string): Promise<Deployment> {
  return (await manifestsOf(goldenCase)).get(path)?.spec as Deployment;
}

describe.each(CASES)("the manifests of %s", (goldenCase) => {
  it("are valid by Kubernetes' schemas, and have no field that it doesn't know", async () => {
    const manifests = [...(await manifestsOf(goldenCase)).values()];
    expect(manifests.length).toBeGreaterThan(0);
    for (const manifest of manifests) {
      validateManifest(manifest);
    }
    expect(await unknownFields(manifests)).toEqual([]);
  });

  it("have names that Kubernetes takes, each once for its kind", async () => {
    const manifests = [...(await manifestsOf(goldenCase)).values()];
    const objects = manifests.map(({ kind, metadata: { name, namespace } }) => `${kind} ${namespace}/${name}`);
    expect(new Set(objects).size).toBe(objects.length);
    for (const { metadata } of manifests) {
      expect(metadata.name).toMatch(/^(?=.{1,63}$)[a-z]([-a-z0-9]*[a-z0-9])?$/);
    }
  });

  it("belong together: pods are found by those who look for them, at the port that they listen on", async () => {
    const manifests = await manifestsOf(goldenCase);
    for (const [path, { spec }] of manifests) {
      if (!path.endsWith("/deployment.yaml")) {
        continue;
      }
      const folder = path.slice(0, -"deployment.yaml".length);
      const { selector, template } = spec as Deployment;
      expect(template.metadata.labels).toMatchObject(selector.matchLabels);
      const [port] = template.spec.containers[0]?.ports ?? [];
      for (const name of ["service", "service-headless"]) {
        const service = manifests.get(`${folder}${name}.yaml`)?.spec;
        expect(service).toMatchObject({
          selector: selector.matchLabels,
          ports: [
            { name: "grpc", port: port?.containerPort, targetPort: port?.name, appProtocol: "kubernetes.io/h2c" },
          ],
        });
      }
      expect(manifests.get(`${folder}service-headless.yaml`)?.spec).toMatchObject({ clusterIP: "None" });
      expect(manifests.get(`${folder}pod-disruption-budget.yaml`)?.spec).toMatchObject({ selector });
    }
  });

  it("say nothing that the API server would leave out or write otherwise, so that applying them again changes nothing", async () => {
    for (const manifest of (await manifestsOf(goldenCase)).values()) {
      expect([...emptyValues(manifest)]).toEqual([]);
    }
  });

  it("run an image by its tag or digest, and say what objects belong together", async () => {
    for (const { kind, spec, ...manifest } of (await manifestsOf(goldenCase)).values()) {
      const labels = (manifest.metadata as unknown as { labels: Record<string, string> }).labels;
      for (const name of ["name", "instance", "component", "part-of", "managed-by"]) {
        expect(labels[`app.kubernetes.io/${name}`]).toMatch(/^(?=.{1,63}$)[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/);
      }
      if (kind === "Deployment") {
        const { template } = spec as Deployment;
        expect(template.metadata.labels).toEqual(labels);
        expect(template.spec.containers[0]?.image).toMatch(/(:(?!latest$)[^/:]+|@sha256:[0-9a-f]+)$/);
      }
    }
  });
});

/** What Go's `omitempty` leaves out, but for pointers, which keep it. */
function* emptyValues(value: unknown, path = ""): Generator<string> {
  if (typeof value === "object" && value !== null && Object.keys(value).length > 0) {
    for (const [key, inner] of Object.entries(value)) {
      yield* emptyValues(inner, `${path}.${key}`);
    }
  } else if (!value || typeof value === "object") {
    const kept = ["automountServiceAccountToken", "enableServiceLinks", "allowPrivilegeEscalation", "privileged"];
    const zero = ["maxUnavailable", "maxSurge"];
    if (![...kept, ...zero].some((name) => path.endsWith(`.${name}`))) {
      yield path;
    }
  }
}

describe("the schemas", () => {
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "a", namespace: "b" },
    spec: { selector: {}, template: { spec: { containers: [{ name: "c", imagePullPolice: "Always" }] } } },
  };

  it("find a value of the wrong type", () => {
    expect(() => validateManifest({ ...deployment, spec: { ...deployment.spec, minReadySeconds: "10" } })).toThrow(
      "minReadySeconds must be integer",
    );
  });

  it("find a field that Kubernetes doesn't know", async () => {
    expect((await unknownFields([deployment])).join()).toContain("imagePullPolice");
  });

  it("read YAML strictly", () => {
    expect(() => parseManifest("a: 1\na: 2\n")).toThrow("unique");
    expect(() => parseManifest("a: 1\n---\nb: 1\n")).toThrow("2 documents");
  });
});

describe("a deployment", () => {
  it("says what the contract says", async () => {
    const { template } = await deploymentOf("operations", "orders/v1/k8s/deployment.yaml");
    const { spec } = template;
    expect(spec.containers[0]).toMatchObject({
      image: "registry.example.com/shop/orders:1.4.2",
      ports: [{ containerPort: 8443 }],
      resources: { requests: { cpu: "500m", memory: "512Mi" }, limits: { memory: "512Mi" } },
      // The contract's 7500ms: Kubernetes sleeps whole seconds.
      lifecycle: { preStop: { sleep: { seconds: 8 } } },
    });
    expect(spec.containers[0]?.env).toContainEqual({ name: "ADDRESS", value: "0.0.0.0:8443" });
    const autoscaler = (await manifestsOf("operations")).get("orders/v1/k8s/horizontal-pod-autoscaler.yaml");
    expect(autoscaler?.spec).toMatchObject({ minReplicas: 2, maxReplicas: 6, scaleTargetRef: { name: "orders" } });
  });

  it("gives a pod the time to wait and to drain", async () => {
    for (const [goldenCase, path, drain] of [
      ["operations", "orders/v1/k8s/deployment.yaml", 90],
      ["operations_bare", "plain_greeter/v1/k8s/deployment.yaml", 35],
    ] as const) {
      const { spec } = (await deploymentOf(goldenCase, path)).template;
      const wait = spec.containers[0]?.lifecycle?.preStop.sleep.seconds ?? 0;
      expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(wait + drain);
    }
  });

  it("lets nothing run as root, write or gain privileges", async () => {
    const { spec } = (await deploymentOf("operations_bare", "plain_greeter/v1/k8s/deployment.yaml")).template;
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    });
    expect(spec.containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("has a number of pods, unless an autoscaler sets it", async () => {
    expect(await deploymentOf("operations", "orders/v1/k8s/deployment.yaml")).not.toHaveProperty("replicas");
    expect(await deploymentOf("operations_bare", "plain_greeter/v1/k8s/deployment.yaml")).toMatchObject({
      replicas: 3,
    });
    expect([...(await manifestsOf("operations_bare")).keys()].join()).not.toContain("autoscaler");
  });

  it("has its share of the node's disk", async () => {
    const { template } = await deploymentOf("operations_bare", "plain_greeter/v1/k8s/deployment.yaml");
    expect(template.spec.containers[0]?.resources).toMatchObject({
      requests: { "ephemeral-storage": "128Mi" },
      limits: { "ephemeral-storage": "256Mi" },
    });
  });

  it("waits for DNS caches before it stops", async () => {
    const { template } = await deploymentOf("operations_bare", "plain_greeter/v1/k8s/deployment.yaml");
    // What the page on load balancing says of CoreDNS.
    expect(template.spec.containers[0]?.lifecycle?.preStop.sleep.seconds).toBeGreaterThanOrEqual(30);
  });
});

describe("probes", () => {
  it("ask for the one service that the server can't do without, by its full name", async () => {
    // The other service of the package is optional.
    const { template } = await deploymentOf("operations", "orders/v1/k8s/deployment.yaml");
    const grpc = { port: 8443, service: "orders.v1.OrderService" };
    expect(template.spec.containers[0]).toMatchObject({ startupProbe: { grpc }, readinessProbe: { grpc } });
  });

  it("don't restart a container because it isn't serving", async () => {
    const { template } = await deploymentOf("operations", "orders/v1/k8s/deployment.yaml");
    expect(template.spec.containers[0]?.livenessProbe).toMatchObject({ tcpSocket: { port: "grpc" } });
    expect(template.spec.containers[0]?.livenessProbe).not.toHaveProperty("grpc");
  });
});

it("tells clients the headless Service's name, in a variable for each service", async () => {
  const files = await manifestsOf("operations");
  const target = "dns:///orders-headless.shop.svc.cluster.local:8443";
  expect(files.get("orders/v1/k8s/client-config-map.yaml")).toMatchObject({
    data: { ORDER_GRPC_TARGET: target, BACK_OFFICE_GRPC_TARGET: target },
  });
});

it("keeps packages apart that share a directory", async () => {
  const folders = new Set(
    [...(await manifestsOf("shared-directory")).keys()].map((path) => path.replace(/[^/]*$/, "")),
  );
  expect(folders.size).toBeGreaterThan(1);
});

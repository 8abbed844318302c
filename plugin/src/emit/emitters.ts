import type { Emitter } from "./emitter.js";

/** Where servicers and clients get the codecs of their messages from: what the plugin option `codec` says. */
export type CodecSource = "static" | "import" | "reflect";

/** Something that the plugin can generate: what `artifacts=` selects. */
export interface Artifact {
  /** As `artifacts=` names it. */
  readonly name: string;
  /** What it is, in a line. */
  readonly summary: string;
  /** Whether it is generated when `artifacts=` isn't given. */
  readonly byDefault: boolean;
  /** Whether it is TypeScript, which the plugin option `target` makes something else of. */
  readonly typescript: boolean;
  /** Loads its emitter. What an emitter needs (a template engine, say) costs nothing to those who don't ask for it. */
  readonly load: (options: ArtifactOptions) => Promise<Emitter>;
}

/** What the plugin's options say to emitters. */
export interface ArtifactOptions {
  /** The folder with the user's own templates. */
  readonly templates: string | undefined;
  readonly codec: CodecSource;
}

/** Everything that the plugin can generate. A new artifact is an emitter of its own and a line here. */
export const ARTIFACTS: readonly Artifact[] = [
  {
    name: "errors",
    summary: "errors.ts: the error classes of a package, and its error map",
    byDefault: true,
    typescript: true,
    load: async () => (await import("./errors.js")).errorsEmitter,
  },
  {
    name: "servicer",
    summary: "*_servicer.ts: what a server implements, and how its methods are wrapped",
    byDefault: true,
    typescript: true,
    load: async ({ codec }) => (await import("./servicer.js")).servicerEmitter(codec !== "reflect"),
  },
  {
    name: "client",
    summary: "*_client.ts: clients that throw the package's errors",
    byDefault: true,
    typescript: true,
    load: async ({ codec }) => (await import("./client.js")).clientEmitter(codec !== "reflect"),
  },
  {
    name: "web",
    summary: "*_web.ts: clients for browsers, over a transport of @connectrpc/connect; errors.ts is the same",
    byDefault: false,
    typescript: true,
    load: async () => (await import("./web.js")).webEmitter,
  },
  {
    name: "contract",
    summary:
      "*_contract.ts: what a mock has to know of a service, for startMock in tests; errors, client and channel are needed beside it",
    byDefault: false,
    typescript: true,
    load: async () => (await import("./contract.js")).contractEmitter,
  },
  {
    name: "codec",
    summary:
      "*_codec.ts: encoders and decoders of the messages that services reach; servicers and clients bring it along",
    byDefault: true,
    typescript: true,
    load: async () => (await import("./codec/codec.js")).codecEmitter,
  },
  {
    name: "validate",
    summary: "*_validate.ts: checks of requests by the rules of buf.validate in their protos; servicers bring it along",
    byDefault: true,
    typescript: true,
    load: async () => (await import("./validate/validate.js")).validateEmitter,
  },
  {
    name: "channel",
    summary: "channel.ts: opens channels with the package's service config",
    byDefault: true,
    typescript: true,
    load: async () => (await import("./channel.js")).channelEmitter,
  },
  {
    name: "server",
    summary: "server.ts: one server for all services of a package",
    byDefault: true,
    typescript: true,
    load: async () => (await import("./server.js")).serverEmitter,
  },
  {
    name: "service_config",
    summary: "service_config.json: how the services are to be called, for clients in any language",
    byDefault: true,
    typescript: false,
    load: async () => (await import("./service-config-file.js")).serviceConfigEmitter,
  },
  {
    name: "k8s",
    summary: "k8s/*.yaml: Kubernetes manifests that fit how the server drains",
    byDefault: false,
    typescript: false,
    load: async ({ templates }) => (await import("./k8s/emit-manifests.js")).loadManifestEmitter(templates),
  },
  {
    name: "docs",
    summary: "docs/*.md, docs/*.svg: a page for each service, and one on load balancing and rollouts",
    byDefault: false,
    typescript: false,
    load: async ({ templates }) => (await import("./docs/emit-docs.js")).loadDocsEmitter(templates),
  },
];

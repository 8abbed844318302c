/** The services that every server of the runtime answers by itself. It refuses servicers of theirs. */
export const BUILT_IN_SERVICES: ReadonlySet<string> = new Set([
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
]);

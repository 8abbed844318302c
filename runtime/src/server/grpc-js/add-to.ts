import type { Server, ServerDuplexStream, ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import { defaultLogger } from "../../log/default-logger.js";
import { checkPackages } from "../../packages/check-packages.js";
import type { BoundService } from "../bind-service.js";
import type { ServedMethod } from "../served-method.js";
import { type MethodOptions, serveMethods } from "../served-methods.js";
import { ServerCall } from "../server-call.js";
import { requireServer } from "../server-option-checks.js";
import { GrpcJsCall } from "./grpc-js-call.js";

/** How services are served on somebody else's server: what `createServer` takes for calls, and nothing for connections. */
export type AddToOptions = MethodOptions;

/**
 * Mounts bound services on a plain grpc-js server: a team's own, a framework's, an xDS one. Their calls have the wrappers, errors,
 * log lines, deadlines, auth and interceptors that they have on a server of `createServer`. Health, reflection, drain, the age of
 * connections and TLS are that server's own; responses aren't compressed, and grpc-js reads a request before anybody is asked.
 *
 * @throws {Error} if the server has a service of the name, or a method requires credentials and nobody verifies them
 */
export function addTo(
  server: Pick<Server, "addService">,
  services: readonly BoundService[],
  options: AddToOptions = {},
): void {
  requireServer(services, options);
  checkPackages(options.logger ?? defaultLogger());
  const { methods } = serveMethods(services, [], options);
  for (const { service, methods: bound } of services) {
    // A method may be called `__proto__`, and is to be a property then.
    const definition: Record<string, ServiceDefinition[string]> = Object.create(null);
    const handlers: UntypedServiceImplementation = Object.create(null);
    for (const { desc } of bound) {
      const method = methods.get(`/${service.typeName}/${desc.name}`);
      if (method !== undefined) {
        definition[desc.name] = definitionOf(method);
        handlers[desc.name] = (stream: ServerDuplexStream<Buffer, Buffer>) => serve(method, stream);
      }
    }
    server.addService(definition, handlers);
  }
}

// Messages stay bytes, and each kind is a stream both ways: what it may send and get is checked by whoever serves it.
function definitionOf(method: ServedMethod): ServiceDefinition[string] {
  return {
    path: method.path,
    requestStream: true,
    responseStream: true,
    requestSerialize: unchanged,
    requestDeserialize: unchanged,
    responseSerialize: unchanged,
    responseDeserialize: unchanged,
  };
}

function serve(method: ServedMethod, stream: ServerDuplexStream<Buffer, Buffer>): void {
  let call: ServerCall | undefined;
  const timeoutMs = Number(stream.getDeadline()) - Date.now();
  new GrpcJsCall(stream, (transport) => {
    call = new ServerCall(method, transport, Math.max(0, timeoutMs));
    return call;
  });
  call?.begin(undefined);
}

function unchanged(bytes: Buffer): Buffer {
  return bytes;
}

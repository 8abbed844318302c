import type { DescFile, DescService } from "@bufbuild/protobuf";
import type { AuthRequirement } from "../call/servicer-method.js";
import { ServerReflection, type ServerReflectionRequest } from "../gen/grpc/reflection/v1/reflection_pb.js";
import {
  ServerReflection as ServerReflectionAlpha,
  type ServerReflectionRequest as ServerReflectionRequestAlpha,
} from "../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { Status } from "../wire/status.js";
import { type BoundService, bindService } from "./bind-service.js";
import { DescriptorIndex } from "./descriptor-index.js";
import type { ServerOptions } from "./server-options.js";

type MessageResponse =
  | { case: "fileDescriptorResponse"; value: { fileDescriptorProto: Uint8Array[] } }
  | { case: "allExtensionNumbersResponse"; value: { baseTypeName: string; extensionNumber: number[] } }
  | { case: "listServicesResponse"; value: { service: { name: string }[] } }
  | { case: "errorResponse"; value: { errorCode: number; errorMessage: string } };

// v1 and v1alpha differ in their package alone.
type Request = Pick<ServerReflectionRequest | ServerReflectionRequestAlpha, "messageRequest" | "host">;

/** Whether a server with these options offers reflection: what it serves is nobody's business unless somebody says so. */
export function reflects({ reflection }: Pick<ServerOptions, "reflection">): boolean {
  const { NODE_ENV } = process.env;
  return reflection === undefined ? NODE_ENV === "development" || NODE_ENV === "test" : reflection !== false;
}

/** What reflection asks of its callers: as much as to be known, where a method of the services does. */
export function reflectionAuth(
  services: readonly BoundService[],
  { reflection }: Pick<ServerOptions, "reflection">,
): AuthRequirement | undefined {
  const guarded = services.some(({ methods }) => methods.some(({ policy }) => policy.auth?.requirement === "required"));
  return guarded && reflection !== "anonymous" ? { requirement: "required" } : undefined;
}

/**
 * The reflection services, with which tools such as grpcurl learn what a server serves: v1, and v1alpha for older tools.
 *
 * @param files what is served beside the services' own files: see {@link errorFiles}
 * @param auth what they ask of their callers
 */
export function bindReflection(
  services: readonly DescService[],
  files: readonly DescFile[] = [],
  auth?: AuthRequirement,
): BoundService[] {
  const all = [...services, ServerReflection, ServerReflectionAlpha];
  const policy = auth && { auth };
  let index: DescriptorIndex | undefined;
  const reflectionInfo = async function* <R extends Request>(requests: AsyncIterable<R>) {
    index ??= new DescriptorIndex([...all.map(({ file }) => file), ...files]);
    // A client gets each file once on a stream.
    const sent = new Set<DescFile>();
    for await (const request of requests) {
      yield {
        validHost: request.host,
        originalRequest: request,
        messageResponse: respond(request, index, all, sent),
      };
    }
  };
  return [
    bindService(ServerReflection, { serverReflectionInfo: { handler: reflectionInfo, ...policy } }),
    bindService(ServerReflectionAlpha, { serverReflectionInfo: { handler: reflectionInfo, ...policy } }),
  ];
}

function respond(
  { messageRequest: { case: kind, value } }: Request,
  index: DescriptorIndex,
  services: readonly DescService[],
  sent: Set<DescFile>,
): MessageResponse {
  switch (kind) {
    case "listServices":
      return {
        case: "listServicesResponse",
        value: { service: services.map(({ typeName }) => ({ name: typeName })) },
      };
    case "fileByFilename":
      return filesOf(index.file(value), index, sent) ?? notFound(`no file "${value}"`);
    case "fileContainingSymbol":
      return filesOf(index.fileOfSymbol(value), index, sent) ?? notFound(`no symbol "${value}"`);
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = value;
      const file = index.fileOfExtension(containingType, extensionNumber);
      return filesOf(file, index, sent) ?? notFound(`no extension ${extensionNumber} of "${containingType}"`);
    }
    case "allExtensionNumbersOfType": {
      const extensionNumber = index.extensionNumbers(value);
      return extensionNumber === undefined
        ? notFound(`no message "${value}"`)
        : { case: "allExtensionNumbersResponse", value: { baseTypeName: value, extensionNumber } };
    }
    default:
      return errorResponse(Status.INVALID_ARGUMENT, "The request asks for nothing that this server knows");
  }
}

/** A file and all that it imports, without what the client has. The file itself is sent whenever it is asked for. */
function filesOf(file: DescFile | undefined, index: DescriptorIndex, sent: Set<DescFile>): MessageResponse | undefined {
  if (file === undefined) {
    return undefined;
  }
  const files = [file];
  sent.add(file);
  for (const next of files) {
    for (const dependency of next.dependencies) {
      if (!sent.has(dependency)) {
        sent.add(dependency);
        files.push(dependency);
      }
    }
  }
  return {
    case: "fileDescriptorResponse",
    value: { fileDescriptorProto: files.map((each) => index.encode(each)) },
  };
}

function notFound(what: string): MessageResponse {
  return errorResponse(Status.NOT_FOUND, `The server has ${what}`);
}

function errorResponse(errorCode: Status, errorMessage: string): MessageResponse {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}

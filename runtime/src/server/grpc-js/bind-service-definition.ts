import { create, createFileRegistry, type DescService } from "@bufbuild/protobuf";
import {
  BytesValueSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt";
import type { ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import { undeclaredErrors } from "../../call/call-failure.js";
import type { LogContext } from "../../call/call-log.js";
import type { ServicerMethodPolicy } from "../../call/servicer-method.js";
import type { MethodCodecs } from "../../codec/method-codecs.js";
import { nearest } from "../../contract/nearest-name.js";
import { checkOptions, refuseIf } from "../../options/check-options.js";
import { type OptionRules, oneOf, rule } from "../../options/option-rule.js";
import { kindOf } from "../../options/shown-value.js";
import type { BoundMethod, BoundService, HealthRole } from "../bind-service.js";
import { type RawHandler, rawBytes, rawMethod } from "./raw-method.js";

/** What serving a service of plain grpc-js can be told. */
export interface BindDefinitionOptions {
  /** Whether the server as a whole serves only while this service does. Default: `required`. */
  readonly healthRole?: HealthRole;
  /** What the server enforces for each of its methods, which no contract says. Default: nothing. */
  readonly policy?: ServicerMethodPolicy;
}

const RULES: OptionRules<BindDefinitionOptions> = {
  healthRole: oneOf("required", "optional"),
  policy: rule("an object: { maxTimeoutMs, auth: { requirement } }", (value) => typeof value === "object"),
};

/**
 * Makes of a service that was written for plain grpc-js one that `createServer` serves, beside generated ones: on the same port,
 * with the same health, limits, log lines, spans, interceptors and drain. Its handlers stay as they are.
 *
 * A status that a handler ends a call with goes to its caller: `callback({ code, details, metadata })`. Anything else that it
 * throws leaves as INTERNAL with an error id, also where grpc-js would have sent its message. Payloads aren't logged, since nobody
 * knows what in them is to be redacted, and reflection doesn't list the service.
 *
 * @param definition what `server.addService` takes first: `proto.greet.GreetingService.service`, or a constant of generated code
 * @param implementation what it takes second. Each method needs its handler
 * @throws {TypeError} if the definition is none, or the implementation lacks methods: which
 */
export function bindServiceDefinition(
  definition: ServiceDefinition,
  implementation: UntypedServiceImplementation,
  options: BindDefinitionOptions = {},
): BoundService {
  refuseIf("Can't bind the service", definitionFaults(definition));
  const entries = Object.entries(definition).map(entryOf);
  const [{ service: typeName = "" } = {}] = entries;
  const cannot = `Can't bind ${typeName}`;
  const others = entries.filter(({ service }) => service !== typeName);
  refuseIf(
    cannot,
    others.map(({ key, method }) => `${key} has the path ${method.path}, of another service`),
  );
  refuseIf(cannot, implementationFaults(entries, implementation));
  checkOptions(cannot, options, RULES);
  const service = describe(typeName, entries);
  const fallbackErrors = undeclaredErrors(service.file.proto.package);
  const methods = service.methods.flatMap((desc, index): BoundMethod[] => {
    const entry = entries[index];
    const handler = entry && handlerOf(implementation, entry);
    if (entry === undefined || handler === undefined) {
      return [];
    }
    const body = rawMethod(entry.method, handler.bind(implementation));
    const { policy = {} } = options;
    return [{ desc, codecs: BYTES, body, log: HIDDEN, errors: undefined, fallbackErrors, policy }];
  });
  return { service, methods, healthRole: options.healthRole ?? "required", isUndescribed: true };
}

interface Entry {
  readonly key: string;
  readonly service: string;
  readonly name: string;
  readonly method: ServiceDefinition[string];
}

const PATH = /^\/(?<service>[^/]+)\/(?<name>[^/]+)$/;

function definitionFaults(definition: unknown): readonly string[] {
  const what =
    "the definition must be what grpc-js's addService takes first: an object with `path`, `requestDeserialize` and so on for each method";
  if (typeof definition !== "object" || definition === null || Object.keys(definition).length === 0) {
    return [`${what}; it is ${kindOf(definition)}`];
  }
  return Object.entries(definition)
    .filter(([, method]) => !isMethod(method))
    .map(([key, method]) => `${what}; its ${key} is ${kindOf(method)}`);
}

function isMethod(value: unknown): boolean {
  const method = value as Partial<ServiceDefinition[string]> | null | undefined;
  return (
    PATH.test(String(method?.path)) &&
    typeof method?.requestDeserialize === "function" &&
    typeof method.responseSerialize === "function"
  );
}

function entryOf([key, method]: readonly [string, ServiceDefinition[string]]): Entry {
  const { service = "", name = "" } = PATH.exec(method.path)?.groups ?? {};
  return { key, service, name, method };
}

function implementationFaults(entries: readonly Entry[], implementation: unknown): readonly string[] {
  if (typeof implementation !== "object" || implementation === null) {
    return [
      `the implementation must be an object with the methods ${entries.map(({ key }) => key).join(", ")}; it is ${kindOf(implementation)}`,
    ];
  }
  const names = Object.keys(implementation);
  const known = entries.flatMap(({ key, method }) => [key, method.originalName ?? key]);
  const strange = names.filter((name) => !known.includes(name));
  return entries
    .filter((entry) => handlerOf(implementation as UntypedServiceImplementation, entry) === undefined)
    .map(({ key }) => {
      const meant = nearest(key, strange);
      return `the implementation needs the method ${key}${meant === undefined ? "" : `; it has ${meant}: is that what was meant?`}`;
    });
}

/** As grpc-js finds it: by the method's name in the definition, else by that in the proto. */
function handlerOf(implementation: UntypedServiceImplementation, { key, method }: Entry): RawHandler | undefined {
  const handler = implementation[key] ?? implementation[method.originalName ?? key];
  return typeof handler === "function" ? (handler as RawHandler) : undefined;
}

// Messages are what the definition makes of them. For all others they are bytes.
function describe(typeName: string, entries: readonly Entry[]): DescService {
  const [name = "", ...scope] = typeName.split(".").reverse();
  const bytes = `.${BytesValueSchema.typeName}`;
  const file: FileDescriptorProto = create(FileDescriptorProtoSchema, {
    name: `${typeName}.undescribed`,
    package: scope.reverse().join("."),
    syntax: "proto3",
    dependency: [file_google_protobuf_wrappers.proto.name],
    service: [
      {
        name,
        method: entries.map(({ name: rpc, method }) => ({
          ...{ name: rpc, inputType: bytes, outputType: bytes },
          ...{ clientStreaming: method.requestStream, serverStreaming: method.responseStream },
        })),
      },
    ],
  });
  const service = createFileRegistry(file, () => file_google_protobuf_wrappers).getService(typeName);
  if (service === undefined) {
    throw new TypeError(`Can't bind ${typeName}: that is no name of a service`);
  }
  return service;
}

const HIDDEN: LogContext = { policy: { payload: false }, redact: new Set([`${BytesValueSchema.typeName}.value`]) };

const BYTES: Required<MethodCodecs> = { request: rawBytes, response: rawBytes };

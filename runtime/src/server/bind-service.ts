import type { DescMethod, DescService, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { type ErrorPolicy, undeclaredErrors } from "../call/call-failure.js";
import type { LogContext } from "../call/call-log.js";
import { type AnyMethod, layerOf } from "../call/method-layer.js";
import type {
  BidiStreamingHandler,
  ClientStreamingHandler,
  ServerStreamingHandler,
  ServicerMethodPolicy,
  UnaryHandler,
} from "../call/servicer-method.js";
import { codecsOf, type MethodCodecs } from "../codec/method-codecs.js";
import { type MemberName, memberName } from "../contract/member-name.js";
import type { ErrorPair } from "../errors/error-map.js";
import { checkOwnOptions } from "../options/check-options.js";
import { listOf, type OptionRules, oneOf, rule, unchecked } from "../options/option-rule.js";
import type { Status } from "../wire/status.js";
import { type PassThrough, passThroughOf } from "./pass-through.js";

/** What binding a servicer to its service can be told. */
export interface BindOptions {
  /** The user's own errors → declared ones: `[DriverError, (error) => new DuplicateRequestError(…)]`. */
  readonly errors?: readonly ErrorPair[];
  /**
   * With which statuses a `StatusError` that a handler throws leaves as it is, though no contract declares it; `"all"`: with
   * any, for a service that hands on what others say. The server warns of it when it starts, once for each method. Default: none.
   */
  readonly passThrough?: PassThrough;
  /** Whether the server as a whole serves only while this service does. Default: `required`. */
  readonly healthRole?: HealthRole;
  /**
   * Whether responses are checked by the rules of `buf.validate` in their protos, too: for tests and development. A response that breaks
   * one ends its call as INTERNAL. Default: false.
   */
  readonly checkResponses?: boolean;
}

export const BIND_RULES: OptionRules<BindOptions> = {
  // Each pair, and each status, is looked at by whoever takes it.
  errors: listOf("pairs: [the class of the error, (error) => the declared one]", unchecked),
  passThrough: rule(
    '"all", or a list of statuses that an error can have: [Status.NOT_FOUND]',
    (value) => value === "all" || Array.isArray(value),
  ),
  healthRole: oneOf("required", "optional"),
  checkResponses: rule("true or false", (value) => typeof value === "boolean"),
};

/** What a service's health means for the health of the server as a whole. */
export type HealthRole = "required" | "optional";

/** The handler of a method, by its kind. */
export type ServicerHandler<Method extends DescMethod> = Method["methodKind"] extends "unary"
  ? UnaryHandler<MessageShape<Method["input"]>, MessageInitShape<Method["output"]>>
  : Method["methodKind"] extends "client_streaming"
    ? ClientStreamingHandler<MessageShape<Method["input"]>, MessageInitShape<Method["output"]>>
    : Method["methodKind"] extends "server_streaming"
      ? ServerStreamingHandler<MessageShape<Method["input"]>, MessageInitShape<Method["output"]>>
      : BidiStreamingHandler<MessageShape<Method["input"]>, MessageInitShape<Method["output"]>>;

/** A method's handler, the codecs of its messages, and what the server enforces for it. */
export interface ServicerMethod<Method extends DescMethod>
  extends ServicerMethodPolicy,
    MethodCodecs<Method["input"], Method["output"]> {
  readonly handler: ServicerHandler<Method>;
}

/** The handlers of a service, one for each method, by what servicers call it. */
export type ServicerMethods<Service extends DescService> = {
  readonly [Name in keyof Service["method"] as MemberName<Name>]: ServicerMethod<Service["method"][Name]>;
};

/** A method with its handler, taken apart: what its wrappers add is the dispatcher's to do. */
export interface BoundMethod {
  readonly desc: DescMethod;
  readonly codecs: Required<MethodCodecs>;
  /** The handler below its wrappers. */
  readonly body: AnyMethod;
  readonly log: LogContext | undefined;
  /** `undefined`: the handler has no error handler, or one that only shows when the handler runs. */
  readonly errors: ErrorPolicy | undefined;
  readonly fallbackErrors: ErrorPolicy;
  readonly policy: ServicerMethodPolicy;
}

/** A service whose methods have handlers: what `createServer` serves. */
export interface BoundService {
  readonly service: DescService;
  readonly methods: readonly BoundMethod[];
  readonly healthRole: HealthRole;
  /** Nobody knows its messages: it was written for plain grpc-js, and reflection leaves it out. */
  readonly isUndescribed?: boolean;
}

/**
 * Binds handlers to a service.
 *
 * The wrappers around a handler (`grpcLogger`, `grpcErrorHandler`) are taken off here, and the server does their work: that
 * way it also logs calls that end before their handler runs, and knows each status that really left.
 *
 * @param options.errors the user's pairs, for handlers that have no error handler of their own
 * @throws {Error} if a method of the service has no handler
 * @throws {TypeError} if `options.passThrough` has something that is no status
 */
export function bindService<Service extends DescService>(
  service: Service,
  methods: ServicerMethods<Service>,
  options: BindOptions = {},
): BoundService {
  const handlers = methods as Readonly<Record<string, UncheckedMethod | undefined>>;
  checkOwnOptions(`Can't bind ${service.typeName}`, options, BIND_RULES);
  const passThrough = passThroughOf(options.passThrough, service.typeName);
  return {
    service,
    healthRole: options.healthRole ?? "required",
    methods: service.methods.map((desc) => {
      const { handler, request, response, ...policy } = handlers[memberName(desc.localName)] ?? {};
      if (typeof handler !== "function") {
        throw new Error(`${service.typeName}: the method ${desc.localName} has no handler`);
      }
      const codecs = codecsOf(desc, { ...(request && { request }), ...(response && { response }) });
      return bindMethod({ desc, codecs, policy }, handler as AnyMethod, options.errors, passThrough);
    }),
  };
}

type UncheckedMethod = ServicerMethodPolicy & MethodCodecs & { readonly handler?: unknown };

function bindMethod(
  method: Pick<BoundMethod, "desc" | "codecs" | "policy">,
  handler: AnyMethod,
  pairs: readonly ErrorPair[] | undefined,
  passThrough: ReadonlySet<Status> | undefined,
): BoundMethod {
  let body = handler;
  let log: LogContext | undefined;
  let errors: ErrorPolicy | undefined;
  for (let layer = layerOf(body); layer !== undefined; layer = layerOf(body)) {
    // A second wrapper of a kind does its work when the handler runs: it adds its log context, or its user's pairs.
    if ((layer.log && log) || (layer.errors && errors)) {
      break;
    }
    log = layer.log ?? log;
    errors = layer.errors ?? errors;
    body = layer.inner;
  }
  const fallbackErrors = { ...undeclaredErrors(method.desc.parent.file.proto.package, pairs), passThrough };
  return { ...method, body, log, errors: errors && { ...errors, passThrough }, fallbackErrors };
}

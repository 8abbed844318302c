import type { MessageInitShape } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import type { CallContext } from "../src/call/call-context.js";
import { grpcErrorHandler } from "../src/call/grpc-error-handler.js";
import { grpcLogger } from "../src/call/grpc-logger.js";
import type { MethodCodecs } from "../src/codec/method-codecs.js";
import { ContractError, type ContractErrorOptions } from "../src/errors/contract-error.js";
import { defineErrorMap, type ErrorMap } from "../src/errors/error-map.js";
import type { LogFields } from "../src/log/log-fields.js";
import { type BoundService, bindService, type ServicerMethods } from "../src/server/bind-service.js";
import { Status } from "../src/wire/status.js";
import { ProbeRequestCodec, ProbeResponseCodec } from "./gen/probe/v1/probe_codec.js";
import {
  ProbeErrorDetailSchema,
  type ProbeRequest,
  type ProbeRequestSchema,
  type ProbeResponseSchema,
  ProbeService,
} from "./gen/probe/v1/probe_pb.js";

// What the plugin would generate for probe.v1, with a catalogue of three errors.

export abstract class ProbeError<
  M extends Readonly<Record<string, string>> = Readonly<Record<string, string>>,
> extends ContractError<M> {}
export class ProbeUnavailableError<
  M extends Readonly<Record<string, string>> = Readonly<Record<string, string>>,
> extends ProbeError<M> {}
export class ProbeOtherError<
  M extends Readonly<Record<string, string>> = Readonly<Record<string, string>>,
> extends ProbeError<M> {}

/** Declared by all methods. */
export class TooLowError extends ProbeOtherError<{ readonly balance: string }> {
  override readonly code = "TOO_LOW";

  constructor(metadata: { readonly balance: string }, options?: ContractErrorOptions) {
    super(
      {
        code: "TOO_LOW",
        status: Status.FAILED_PRECONDITION,
        message: `Balance ${metadata.balance} is too low`,
        metadata,
      },
      options,
    );
  }
}

/** In the map, and declared by no method. */
export class SurpriseError extends ProbeOtherError {
  constructor(metadata: Readonly<Record<string, string>> = {}, options?: ContractErrorOptions) {
    super({ code: "SURPRISE", status: Status.ABORTED, message: "Surprise", metadata }, options);
  }
}

/** Declared, with a delay, a help link and an end to retries. */
export class BusyError extends ProbeUnavailableError {
  constructor(metadata: Readonly<Record<string, string>> = {}, options?: ContractErrorOptions) {
    super({ code: "BUSY", status: Status.UNAVAILABLE, message: "Busy", metadata }, options);
  }
}

export class NeverAgainError extends ProbeUnavailableError {
  constructor(metadata: Readonly<Record<string, string>> = {}, options?: ContractErrorOptions) {
    super({ code: "NEVER_AGAIN", status: Status.UNAVAILABLE, message: "Never again", metadata }, options);
  }
}

export const PROBE_ERROR_MAP: ErrorMap = defineErrorMap({
  domain: "probe.example.com",
  detail: ProbeErrorDetailSchema,
  errors: [
    {
      exception: TooLowError,
      status: Status.FAILED_PRECONDITION,
      code: "TOO_LOW",
      message: "Balance {balance} is too low",
      metadata: ["balance"],
    },
    { exception: SurpriseError, status: Status.ABORTED, code: "SURPRISE", message: "Surprise", metadata: [] },
    {
      exception: BusyError,
      status: Status.UNAVAILABLE,
      code: "BUSY",
      message: "Busy",
      metadata: [],
      retryAfterMs: 1500,
      docUrl: "https://example.com/busy",
    },
    {
      exception: NeverAgainError,
      status: Status.UNAVAILABLE,
      code: "NEVER_AGAIN",
      message: "Never again",
      metadata: [],
      neverResend: true,
    },
  ],
  categories: {
    Unavailable: ProbeUnavailableError,
    InvalidArgument: ProbeOtherError,
    Conflict: ProbeOtherError,
    NotFound: ProbeOtherError,
    FailedPrecondition: ProbeOtherError,
    PermissionDenied: ProbeOtherError,
    Unauthenticated: ProbeOtherError,
    ResourceExhausted: ProbeOtherError,
    Cancelled: ProbeOtherError,
    Unknown: ProbeOtherError,
  },
});

type ProbeResponse = MessageInitShape<typeof ProbeResponseSchema>;

/** A servicer whose methods are given one by one. */
export interface ProbeServicer {
  unary?(request: ProbeRequest, context: CallContext): Promise<ProbeResponse> | ProbeResponse;
  clientStream?(requests: AsyncIterable<ProbeRequest>, context: CallContext): Promise<ProbeResponse> | ProbeResponse;
  serverStream?(request: ProbeRequest, context: CallContext): AsyncIterable<ProbeResponse>;
  bidiStream?(requests: AsyncIterable<ProbeRequest>, context: CallContext): AsyncIterable<ProbeResponse>;
}

const logContext = (request: ProbeRequest): LogFields => ({
  request_id: request.id || undefined,
  count: request.count,
});

type ProbeMethods = ServicerMethods<typeof ProbeService>;
type Policies = { readonly [Name in keyof ProbeMethods]?: Omit<ProbeMethods[Name], "handler"> };

export type ProbeCodecs = MethodCodecs<typeof ProbeRequestSchema, typeof ProbeResponseSchema>;

/** The codecs of all methods, as generated code passes them on. */
export const PROBE_CODECS: Required<ProbeCodecs> = { request: ProbeRequestCodec, response: ProbeResponseCodec };

/** The same by name, for tests that try both. */
export const PROBE_CODECS_BY_NAME = { static: PROBE_CODECS, reflect: {} } as const satisfies Record<
  string,
  ProbeCodecs
>;

export interface ProbeBinding {
  readonly errors?: ErrorMap;
  readonly policies?: Policies;
  /** Default: the static ones. */
  readonly codecs?: ProbeCodecs;
}

/** Binds a servicer as generated code would: each method with its logger, its error handler and its codecs. */
export function bindProbe(servicer: ProbeServicer, options: ProbeBinding = {}): BoundService {
  const { errors = PROBE_ERROR_MAP, policies = {}, codecs = PROBE_CODECS } = options;
  const log = grpcLogger(logContext, { prefix: "probe" });
  const errorHandler = grpcErrorHandler(errors, [TooLowError, BusyError, NeverAgainError]);
  const missing = (): never => {
    throw new Error("the test gave no handler for this method");
  };
  const wrapped: ProbeMethods = {
    unary: {
      handler: log(
        errorHandler((request: ProbeRequest, context: CallContext) => (servicer.unary ?? missing)(request, context)),
      ),
      ...codecs,
      ...policies.unary,
    },
    clientStream: {
      handler: log(
        errorHandler((requests: AsyncIterable<ProbeRequest>, context: CallContext) =>
          (servicer.clientStream ?? missing)(requests, context),
        ),
      ),
      ...codecs,
      ...policies.clientStream,
    },
    serverStream: {
      handler: log(
        errorHandler((request: ProbeRequest, context: CallContext) =>
          (servicer.serverStream ?? missing)(request, context),
        ),
      ),
      ...codecs,
      ...policies.serverStream,
    },
    bidiStream: {
      handler: log(
        errorHandler((requests: AsyncIterable<ProbeRequest>, context: CallContext) =>
          (servicer.bidiStream ?? missing)(requests, context),
        ),
      ),
      ...codecs,
      ...policies.bidiStream,
    },
  };
  return bindService(ProbeService, wrapped);
}

/** The same service, whose unary method has no side effects: it may be called by GET. */
export function withUnaryByGet(bound: BoundService): BoundService {
  const idempotency = MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
  const methods = bound.methods.map((method) =>
    method.desc.name === "Unary" ? { ...method, desc: { ...method.desc, idempotency } } : method,
  );
  return { ...bound, methods };
}

import {
  type CategoryErrorClass,
  ContractError,
  type ContractErrorOptions,
  type DeclaredErrorClass,
  defineErrorMap,
  type ErrorCategory,
  type ErrorMap,
  type ErrorMapEntry,
  type ErrorMetadata,
  type RefusalClass,
  Status,
} from "@accord-grpc/runtime/codegen/v1";
import type { MethodContract, RequestValidation, ServiceContract } from "@accord-grpc/runtime/testing";
import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { ContractModel, ErrorModel, MethodModel, PackageModel } from "../../model/model.js";
import { logFieldsReader } from "./log-fields-reader.js";

/** What a message breaks of its proto's rules. */
export type RequestCheck = (desc: DescMessage, message: Message) => ReturnType<RequestValidation["check"]>;

/**
 * Makes of a model what generated code would give a mock: the same classes and tables, without the code.
 *
 * @param check what proves requests; without it, they aren't checked
 */
export function contractsOfModel(model: ContractModel, check?: RequestCheck): ServiceContract[] {
  const errors = new Map<string, MockedErrors>();
  for (const pkg of model.packages) {
    errors.set(pkg.name, new MockedErrors(pkg, errors));
  }
  return model.packages.flatMap((pkg) =>
    pkg.services
      .filter(({ isBuiltIn }) => !isBuiltIn)
      .map(({ service, methods }) => ({
        service,
        errors: errors.get(pkg.name)?.map ?? new MockedErrors(pkg, errors).map,
        methods: Object.fromEntries(
          methods.map((method) => [method.names.local, methodContract(method, errors, check)]),
        ),
      })),
  );
}

type AllErrors = ReadonlyMap<string, MockedErrors>;

/** The errors of a package: a class for each, and the map that the server's wrappers send them by. */
class MockedErrors {
  readonly map: ErrorMap;
  readonly #classes = new Map<string, DeclaredErrorClass>();

  constructor(pkg: PackageModel, all: AllErrors) {
    // INVALID_REQUEST, which no catalogue declares, is among what methods raise.
    const known = new Map([...pkg.errors, ...ownRaises(pkg)].map((error) => [error.code, error]));
    const errors = [...known.values()].map((error): ErrorMapEntry => {
      const exception = classOf(error);
      this.#classes.set(error.code, exception);
      return {
        exception,
        status: Status[error.status],
        code: error.code,
        message: error.messageTemplate,
        metadata: error.metadata,
        ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
        ...(error.neverResend && { neverResend: true }),
        ...(error.docUrl !== undefined && { docUrl: error.docUrl }),
      };
    });
    this.map = defineErrorMap({
      domain: pkg.errorDomain,
      ...(pkg.errorDetail && { detail: pkg.errorDetail }),
      ...(pkg.catalog && { catalog: pkg.catalog }),
      errors,
      categories: CATEGORIES,
      imports: () => pkg.importedErrorMaps.flatMap((imported) => all.get(imported.package)?.map ?? []),
    });
  }

  classOf(code: string): DeclaredErrorClass | undefined {
    return this.#classes.get(code);
  }
}

function ownRaises(pkg: PackageModel): ErrorModel[] {
  return pkg.services
    .flatMap(({ methods }) => methods.flatMap(({ raises }) => raises))
    .filter((error) => error.package === pkg.name);
}

function classOf({ code, exception, status, message }: ErrorModel): DeclaredErrorClass {
  class MockedError extends ContractError {
    constructor(metadata: ErrorMetadata, options?: ContractErrorOptions) {
      const text = message.map((part) => ("key" in part ? (metadata[part.key] ?? "") : part.text)).join("");
      super({ code, status: Status[status], message: text, metadata }, options);
    }
  }
  Object.defineProperty(MockedError, "name", { value: exception });
  return MockedError;
}

/** What an error would become whose code nobody knows: a mock reads none. */
class UnreadError extends ContractError {}

const CATEGORIES = new Proxy({} as Record<ErrorCategory, CategoryErrorClass>, { get: () => UnreadError });

function methodContract(method: MethodModel, errors: AllErrors, check: RequestCheck | undefined): MethodContract {
  const { auth, call, raises, idempotencyKey, refusal, redact, requestLog } = method;
  const exception = refusal && errors.get(refusal.package)?.classOf(refusal.code);
  return {
    raises: raises.flatMap((error) => errors.get(error.package)?.classOf(error.code) ?? []),
    ...(call.timeoutMs !== undefined && { timeoutMs: call.timeoutMs }),
    ...(call.maxTimeoutMs !== undefined && { maxTimeoutMs: call.maxTimeoutMs }),
    ...(idempotencyKey && { idempotencyKey: idempotencyKey.localName }),
    ...(call.resend.kind === "retry" && { retryCodes: call.resend.codes }),
    ...(check && refusal && exception && { validation: validation(method, exception, refusal.metadata, check) }),
    ...(auth.requirement !== "none" && { auth: { requirement: auth.requirement, scopes: auth.scopes } }),
    redact,
    log: logFieldsReader(requestLog),
  };
}

function validation(
  { method: { input } }: MethodModel,
  exception: DeclaredErrorClass,
  keys: readonly string[],
  check: RequestCheck,
): RequestValidation {
  return { check: (request: Message) => check(input, request), exception: exception as RefusalClass, keys };
}

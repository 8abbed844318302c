import type { ErrorModel, MethodModel, PackageModel, ServiceModel } from "../model/model.js";
import { authProperty } from "./auth-requirement.js";
import type { Emitter } from "./emitter.js";
import { errorClasses, refusalKeys } from "./error-classes.js";
import { braces, brackets } from "./typescript/layout-group.js";
import { numberLiteral, stringLiteral } from "./typescript/text.js";
import type { Printable, TypeScriptFile } from "./typescript/typescript-file.js";
import { planValidators, type ValidatorLocation } from "./validate/validator-plan.js";

type FindValidator = ReturnType<typeof planValidators>["find"];

/** The module of the runtime that contracts for mocks are for. */
const TESTING_MODULE = "@accord-grpc/runtime/testing";

/** `*_contract.ts`: what `startMock` has to know of a service. One for each proto file with services. */
export const contractEmitter: Emitter = {
  emit(model, output) {
    const { find } = planValidators(model);
    for (const pkg of model.packages) {
      for (const source of pkg.files) {
        const file = output.typescript(source.contractPath, { file: source.file });
        source.services.forEach((service, index) => {
          if (index > 0) {
            file.print``;
          }
          printContract(file, pkg, service, find);
        });
      }
    }
  },
};

function printContract(
  file: TypeScriptFile,
  pkg: PackageModel,
  { service, names, clientPath, methods }: ServiceModel,
  find: FindValidator,
): void {
  // export const LedgerContract: ServiceContract<LedgerServiceClient> = {
  //   service: LedgerService,
  //   errors: LEDGER_ERROR_MAP,
  //   serviceConfig: LEDGER_V1_SERVICE_CONFIG,
  //   methods: { transfer: { raises: [InsufficientFundsError], timeoutMs: 5_000 } },
  // };
  file.comment("", [
    { fill: `The contract of \`${service.typeName}\`, for \`startMock\` of \`${TESTING_MODULE}\`.` },
    { tags: [`@generated from service ${service.typeName}`] },
  ]);
  const type = [
    file.libraryType("ServiceContract", TESTING_MODULE),
    "<",
    file.generatedType(names.client, clientPath),
    ">",
  ];
  file.print`${file.export("const", names.contract)}: ${type} = {`;
  file.print`  service: ${file.schema(service)},`;
  file.print`  errors: ${file.generated(pkg.names.errorMap, pkg.paths.errors)},`;
  file.print`  serviceConfig: ${file.generated(pkg.names.serviceConfig, pkg.paths.channel)},`;
  if (methods.length === 0) {
    file.print`  methods: {},`;
  } else {
    file.print`  methods: {`;
    for (const method of methods) {
      file.print`    ${propertyKey(method.names.local)}: ${braces(methodContract(file, method, find(method.method.input, pkg.name)))},`;
    }
    file.print`  },`;
  }
  file.print`};`;
}

/** In an object literal, `__proto__: …` would be the prototype. */
function propertyKey(name: string): string {
  return name === "__proto__" ? `["${name}"]` : name;
}

function methodContract(
  file: TypeScriptFile,
  { auth, call, raises, idempotencyKey, refusal, redact }: MethodModel,
  validator: ReturnType<FindValidator>,
): Printable[] {
  const { timeoutMs, maxTimeoutMs, resend } = call;
  const entries: readonly (readonly [string, Printable | undefined])[] = [
    ["raises", brackets(errorClasses(file, raises))],
    ["timeoutMs", timeoutMs === undefined ? undefined : numberLiteral(timeoutMs)],
    ["maxTimeoutMs", maxTimeoutMs === undefined ? undefined : numberLiteral(maxTimeoutMs)],
    ["idempotencyKey", idempotencyKey === undefined ? undefined : stringLiteral(idempotencyKey.localName)],
    ["retryCodes", resend.kind === "retry" ? brackets(resend.codes.map(stringLiteral)) : undefined],
    ["validation", refusal && validator && validation(file, refusal, validator)],
    ["redact", redact.length === 0 ? undefined : brackets(redact.map(stringLiteral))],
  ];
  return [
    ...entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, ": ", value]])),
    ...authProperty(auth),
  ];
}

/** `{ check: validateTransferRequest, exception: InvalidFieldError, keys: ["field", "problem"] }` */
function validation(
  file: TypeScriptFile,
  { exception, path, metadata }: ErrorModel,
  validator: ValidatorLocation,
): Printable {
  return braces([
    ["check: ", file.generated(validator.name, validator.path)],
    ["exception: ", file.generated(exception, path)],
    ...refusalKeys(metadata).map((keys) => ["keys: ", keys]),
  ]);
}

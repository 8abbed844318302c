import type { DescMessage } from "@bufbuild/protobuf";
import type {
  ErrorModel,
  LogFieldModel,
  LogPolicyModel,
  MethodModel,
  PackageModel,
  ServiceModel,
} from "../model/model.js";
import { commentOf } from "../read/source-index.js";
import { authProperty } from "./auth-requirement.js";
import { MethodCodecs } from "./codec/method-codecs.js";
import { deprecation } from "./deprecation.js";
import type { Emitter } from "./emitter.js";
import { errorClasses, refusalKeys } from "./error-classes.js";
import { logProperty } from "./log-expression.js";
import { braces, brackets, curriedParentheses, huggingParentheses, parentheses } from "./typescript/layout-group.js";
import { methodName, numberLiteral, propertyName, stringLiteral } from "./typescript/text.js";
import type { Printable, TypeScriptFile } from "./typescript/typescript-file.js";
import { planValidators, type ValidatorLocation } from "./validate/validator-plan.js";

/** Finds what checks a message, seen from a package's code. */
type FindValidator = (message: DescMessage, pkg: string) => ValidatorLocation | undefined;

/**
 * `*_servicer.ts`: what a server implements, and how its methods are wrapped. One for each proto file with services.
 *
 * @param staticCodecs whether it uses the codecs of `*_codec.ts`
 */
export function servicerEmitter(staticCodecs: boolean): Emitter {
  return {
    emit(model, output) {
      const codecs = new MethodCodecs(model, staticCodecs);
      const { find: findValidator } = planValidators(model);
      for (const pkg of model.packages) {
        for (const source of pkg.files) {
          const services = source.services.filter(({ isBuiltIn }) => !isBuiltIn);
          if (services.length > 0) {
            const file = output.typescript(source.servicerPath, { file: source.file });
            printServicers(file, pkg, services, codecs, findValidator);
          }
        }
      }
    },
  };
}

function printServicers(
  file: TypeScriptFile,
  pkg: PackageModel,
  services: readonly ServiceModel[],
  codecs: MethodCodecs,
  findValidator: FindValidator,
): void {
  services.forEach((service, index) => {
    if (index > 0) {
      file.print``;
    }
    printInterface(file, service);
    for (const method of service.methods) {
      printLogContexts(file, pkg, method);
    }
    printBind(file, pkg, service, codecs, findValidator);
  });
}

function printInterface(file: TypeScriptFile, { service, names, methods }: ServiceModel): void {
  // export interface LedgerServiceServicer {
  //   transfer(request: TransferRequest, context: CallContext): Promise<MessageInitShape<typeof TransferResponseSchema>>;
  // }
  file.comment("", [
    commentOf(service),
    { tags: [...deprecation(service), `@generated from service ${service.typeName}`] },
  ]);
  if (methods.length === 0) {
    file.print`${file.export("type", names.servicer)} = object;`;
    return;
  }
  file.print`${file.export("interface", names.servicer)} {`;
  methods.forEach((method, index) => {
    if (index > 0) {
      file.print``;
    }
    printSignature(file, service.typeName, method);
  });
  file.print`}`;
}

function printSignature(file: TypeScriptFile, serviceName: string, { method, kind, names, raises }: MethodModel): void {
  const links = raises.map((error) => `{@link ${error.exception}}`);
  file.comment("  ", [
    commentOf(method),
    links.length === 0 ? undefined : { fill: `Raises ${links.join(", ")}.` },
    { tags: [...deprecation(method), `@generated from rpc ${serviceName}.${method.name}`] },
  ]);
  const input = file.shape(method.input);
  const iterable = file.own("AsyncIterable");
  const request: Printable =
    kind === "unary" || kind === "server_streaming" ? ["request: ", input] : ["requests: ", iterable, "<", input, ">"];
  const output = [file.protobufType("MessageInitShape"), "<", file.schemaType(method.output), ">"];
  const result = kind === "unary" || kind === "client_streaming" ? file.own("Promise") : iterable;
  const parameters = parentheses([request, ["context: ", file.runtime("CallContext")]]);
  file.print`  ${methodName(names.member)}${parameters}: ${result}<${output}>;`;
}

function printLogContexts(file: TypeScriptFile, pkg: PackageModel, model: MethodModel): void {
  const { method, names, requestLog, responseLog } = model;
  const prefix = pkg.logPrefix === "" ? "" : `${pkg.logPrefix}.`;
  if (requestLog.length > 0) {
    const streamed = model.kind === "client_streaming" || model.kind === "bidi_streaming";
    const what = streamed ? `the first message of each ${method.name}` : `each ${method.name}`;
    const text = `What is logged of ${what}: bound to its log lines, and set on its span as \`${prefix}<key>\`.`;
    printLogContext(file, text, names.logContext, ["request", file.shape(method.input)], requestLog);
  }
  if (responseLog.length > 0) {
    const text = `What is logged of each ${method.name}'s response: bound to its last log line.`;
    printLogContext(file, text, names.responseLogContext, ["response", file.shape(method.output)], responseLog);
  }
}

function printLogContext(
  file: TypeScriptFile,
  text: string,
  name: string,
  [variable, type]: readonly [string, Printable],
  fields: readonly LogFieldModel[],
): void {
  // export const transferLogContext = (request: TransferRequest): LogFields => ({
  //   request_id: request.requestId,
  // });
  const parameters = parentheses([[file.own(variable), ": ", type]]);
  file.print``;
  file.comment("", [{ fill: text }]);
  file.print`${file.export("const", name)} = ${parameters}: ${file.runtime("LogFields")} => ({`;
  for (const field of fields) {
    file.print`  ${logProperty(file, variable, field)},`;
  }
  file.print`});`;
}

function printBind(
  file: TypeScriptFile,
  pkg: PackageModel,
  model: ServiceModel,
  codecs: MethodCodecs,
  findValidator: FindValidator,
): void {
  // export function bindLedgerService(servicer: LedgerServiceServicer, options: BindOptions = {}): BoundService {
  //   requireServicer(LedgerService, servicer);
  //   const errors = LEDGER_ERROR_MAP.extend(options.errors);
  //   return bindService(
  //     LedgerService,
  //     {
  const { service, names, methods } = model;
  // A parameter that nothing uses is marked with an underscore, for linters.
  const servicer = file.own(methods.length === 0 ? "_servicer" : "servicer");
  const options = file.own("options");
  const parameters = parentheses([
    [servicer, ": ", names.servicer],
    [options, ": ", file.runtime("BindOptions"), " = {}"],
  ]);
  const bindOptions = model.healthRequired ? options : braces(['healthRole: "optional"', ["...", options]]);
  const schema = file.schema(service);
  const bindService = file.runtime("bindService");
  file.print``;
  file.comment("", [
    { fill: `Binds a servicer to \`${service.typeName}\`: each method in its error handler, and that in its logger.` },
    {
      tags: [
        "@param options.errors the driver's own errors → declared ones: `[DriverError, (error) => new DeclaredError(…)]`",
        ...deprecation(service),
      ],
    },
  ]);
  file.print`${file.export("function", names.bind)}${parameters}: ${file.runtime("BoundService")} {`;
  if (methods.length === 0) {
    file.print`  return ${bindService}${parentheses([schema, "{}", bindOptions])};`;
    file.print`}`;
    return;
  }
  const errors = file.own("errors");
  const errorMap = file.generated(pkg.names.errorMap, pkg.paths.errors);
  file.print`  ${file.runtime("requireServicer")}${parentheses([schema, servicer])};`;
  file.print`  const ${errors} = ${errorMap}.extend(${options}.errors);`;
  file.print`  return ${bindService}(`;
  file.print`    ${schema},`;
  file.print`    {`;
  for (const method of methods) {
    printMethod(file, pkg, method, codecs, findValidator);
  }
  //     },
  //     options,
  //   );
  // }
  file.print`    },`;
  file.print`    ${bindOptions},`;
  file.print`  );`;
  file.print`}`;
}

/** `validateTransferRequest, InvalidFieldError, ["field", "problem"]`; without keys if the error has all that a broken rule gives. */
function validatorArguments(
  file: TypeScriptFile,
  { name, path }: ValidatorLocation,
  { exception, path: errors, metadata }: ErrorModel,
): Printable {
  return parentheses([file.generated(name, path), file.generated(exception, errors), ...refusalKeys(metadata)]);
}

function printMethod(
  file: TypeScriptFile,
  pkg: PackageModel,
  method: MethodModel,
  codecs: MethodCodecs,
  find: FindValidator,
): void {
  //       transfer: {
  //         handler: grpcLogger(transferLogContext, { prefix: "ledger", redact: ["ledger.v1.Transfer.iban"] })(
  //           grpcErrorHandler(errors, [InsufficientFundsError])(servicer.transfer.bind(servicer)),
  //         ),
  //         request: TransferRequestCodec,
  //         response: TransferResponseCodec,
  //         maxTimeoutMs: 10_000,
  //       },
  const { names, call, auth, cache, refusal, checksResponses } = method;
  const servicer = file.own("servicer");
  const logger = [file.runtime("grpcLogger"), loggerArguments(pkg, method)];
  const raises = brackets(errorClasses(file, method.raises));
  const handleErrors = [file.runtime("grpcErrorHandler"), huggingParentheses([file.own("errors"), raises])];
  const bound = [servicer, ".", names.member, ".bind", parentheses([servicer])];
  const { input, output } = method.method;
  const ofRequest = refusal && find(input, pkg.name);
  const ofResponse = checksResponses ? find(output, pkg.name) : undefined;
  const checked =
    ofResponse === undefined
      ? bound
      : [
          file.runtime("grpcResponseValidator"),
          curriedParentheses(
            [file.schema(output), file.generated(ofResponse.name, ofResponse.path), file.own("options")],
            [bound],
          ),
        ];
  const implementation =
    refusal === undefined || ofRequest === undefined
      ? checked
      : [file.runtime("grpcValidator"), validatorArguments(file, ofRequest, refusal), parentheses([checked])];
  file.print`      ${propertyName(names.member)}: {`;
  file.print`        handler: ${logger}${parentheses([[handleErrors, parentheses([implementation])]])},`;
  for (const property of codecs.properties(file, method.method)) {
    file.print`        ${property},`;
  }
  const policy = {
    maxTimeoutMs: call.maxTimeoutMs,
    maxRequestBytes: call.maxRequestBytes,
    maxResponseBytes: call.maxResponseBytes,
  };
  for (const [key, value] of Object.entries(policy)) {
    if (value !== undefined) {
      file.print`        ${key}: ${numberLiteral(value)},`;
    }
  }
  if (call.compress) {
    file.print`        compress: true,`;
  }
  for (const property of authProperty(auth)) {
    file.print`        ${property},`;
  }
  if (cache !== undefined) {
    const age = `maxAgeSeconds: ${numberLiteral(cache.maxAgeSeconds)}`;
    file.print`        cache: ${braces([age, ...(cache.shared ? ["shared: true"] : [])])},`;
  }
  file.print`      },`;
}

function loggerArguments(pkg: PackageModel, method: MethodModel): Printable {
  const { names, requestLog, responseLog, redact } = method;
  const hasFields = requestLog.length > 0 || responseLog.length > 0;
  const policy = logPolicy(method.logPolicy);
  if (!hasFields && redact.length === 0 && policy.length === 0) {
    return "()";
  }
  const options: Printable[] = [
    ...(pkg.logPrefix === "" || !hasFields ? [] : [`prefix: ${stringLiteral(pkg.logPrefix)}`]),
    ...(responseLog.length === 0 ? [] : [`response: ${names.responseLogContext}`]),
    ...(redact.length === 0 ? [] : [["redact: ", brackets(redact.map(stringLiteral))]]),
    ...(policy.length === 0 ? [] : [["policy: ", braces(policy)]]),
  ];
  const context = requestLog.length === 0 ? "undefined" : names.logContext;
  return options.length === 0 ? parentheses([context]) : huggingParentheses([context, braces(options)]);
}

/** What of a policy isn't the runtime's default. */
function logPolicy({ payload, lines, sampleOneIn, level }: LogPolicyModel): Printable[] {
  return [
    ...(payload ? [] : ["payload: false"]),
    ...(lines === "both" ? [] : [`lines: ${stringLiteral(lines)}`]),
    ...(sampleOneIn === 1 ? [] : [`sampleOneIn: ${numberLiteral(sampleOneIn)}`]),
    ...(level === "info" ? [] : [`level: ${stringLiteral(level)}`]),
  ];
}

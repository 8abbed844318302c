import type {
  ChannelModel,
  ErrorModel,
  MethodKind,
  MethodModel,
  PackageModel,
  ResumeModel,
  RetryModel,
  ServiceModel,
} from "../model/model.js";
import { commentOf } from "../read/source-index.js";
import { MethodCodecs } from "./codec/method-codecs.js";
import { deprecation } from "./deprecation.js";
import type { Emitter } from "./emitter.js";
import { errorClasses, refusalKeys } from "./error-classes.js";
import { firstSentence } from "./typescript/doc-comment.js";
import {
  braces,
  brackets,
  huggingParentheses,
  memberAccess,
  parentheses,
  typeArguments,
  union,
} from "./typescript/layout-group.js";
import { durationText, enumeration, numberLiteral, stringLiteral } from "./typescript/text.js";
import type { Printable, TypeScriptFile } from "./typescript/typescript-file.js";

/**
 * `*_client.ts`: clients that throw the package's errors. One for each proto file with services.
 *
 * @param staticCodecs whether they use the codecs of `*_codec.ts`
 */
export function clientEmitter(staticCodecs: boolean): Emitter {
  return {
    emit(model, output) {
      const codecs = new MethodCodecs(model, staticCodecs);
      for (const pkg of model.packages) {
        for (const source of pkg.files) {
          const file = output.typescript(source.clientPath, { file: source.file });
          source.services.forEach((service, index) => {
            if (index > 0) {
              file.print``;
            }
            printErrorUnions(file, service);
            printClient(file, pkg, service, codecs);
          });
        }
      }
    },
  };
}

const KINDS = {
  unary: { type: "UnaryMethod", call: "unary" },
  client_streaming: { type: "ClientStreamingMethod", call: "clientStreaming" },
  server_streaming: { type: "ServerStreamingMethod", call: "serverStreaming" },
  bidi_streaming: { type: "BidiStreamingMethod", call: "bidiStreaming" },
} as const satisfies Record<MethodKind, unknown>;

/** Prints the union of the errors of each method. */
export function printErrorUnions(file: TypeScriptFile, { names, methods }: ServiceModel): void {
  for (const method of methods) {
    // export type LedgerServiceTransferError = InsufficientFundsError | DuplicateRequestError;
    file.comment("", [{ fill: `What {@link ${names.client}.${method.names.member}} declares.` }]);
    const classes = method.raises.map((error) => file.generatedType(error.exception, error.path));
    file.print`${file.export("type", method.names.errorUnion)} =${union(classes)};`;
    file.print``;
  }
}

function printClient(
  file: TypeScriptFile,
  pkg: PackageModel,
  { service, names, methods }: ServiceModel,
  codecs: MethodCodecs,
): void {
  // export class LedgerServiceClient {
  //   readonly transfer: UnaryMethod<typeof TransferRequestSchema, typeof TransferResponseSchema, LedgerServiceTransferError>;
  file.comment("", [
    commentOf(service),
    { tags: [...deprecation(service), `@generated from service ${service.typeName}`] },
  ]);
  file.print`${file.export("class", names.client)} {`;
  for (const method of methods) {
    printProperty(file, service.typeName, method, file.runtime(KINDS[method.kind].type));
    file.print``;
  }
  //   constructor(channel: Channel, options: ClientOptions = {}) {
  //     const client = bindClient(LedgerService, LEDGER_ERROR_MAP, channel, options);
  const channel = file.own("channel");
  const options = file.own("options");
  const client = file.own("client");
  file.comment("  ", [{ tags: ["@param channel stays the caller's: this class never closes it"] }]);
  const parameters = parentheses([
    [channel, ": ", file.runtime("Channel")],
    [options, ": ", file.runtime("ClientOptions"), " = {}"],
  ]);
  file.print`  constructor${parameters} {`;
  const errorMap = file.generated(pkg.names.errorMap, pkg.paths.errors);
  const schema = file.schema(service);
  const bound = [file.runtime("bindClient"), parentheses([schema, errorMap, channel, options])];
  if (methods.length === 0) {
    file.print`    ${bound};`;
  } else {
    file.print`    const ${client} = ${bound};`;
  }
  for (const method of methods) {
    //     this.transfer = client.unary(LedgerService.method.transfer, {
    //       request: TransferRequestCodec,
    //       response: TransferResponseCodec,
    //       raises: [InsufficientFundsError],
    //       timeoutMs: 5_000,
    //     });
    const { local, member } = method.names;
    const call = [client, ".", KINDS[method.kind].call];
    const init = braces([...codecs.properties(file, method.method), ...methodPolicy(file, method, pkg.channel)]);
    if (local === "__proto__") {
      file.print`    // biome-ignore lint/suspicious/noProto: a method of that name, by which its service's methods are known`;
    }
    file.print`    this.${member} = ${call}${huggingParentheses([memberAccess([schema, ".method"], local), init])};`;
  }
  file.print`  }`;
  file.print`}`;
}

/** Prints a method of a client. @param type its function's: `UnaryMethod` */
export function printProperty(file: TypeScriptFile, serviceName: string, model: MethodModel, type: Printable): void {
  const { method, names, raises } = model;
  file.comment("  ", [
    commentOf(method),
    { fill: callText(model) },
    {
      tags: [
        ...raises.map((error) => `@throws {${error.exception}} ${firstSentence(error.comment) ?? ""}`.trimEnd()),
        ...deprecation(method),
        `@generated from rpc ${serviceName}.${method.name}`,
      ],
    },
  ]);
  const requiresTimeout = model.call.timeoutMs === undefined;
  const types = [file.schemaType(method.input), file.schemaType(method.output), names.errorUnion];
  file.print`  readonly ${names.member}: ${type}${typeArguments(requiresTimeout ? [...types, '"timeoutMs"'] : types)};`;
}

/** How a method is called, in words. */
function callText({ kind, call, idempotencyKey, resume }: MethodModel): string {
  const sentences = [
    call.timeoutMs === undefined
      ? "Deadline: none in the contract, so each call names its `timeoutMs`."
      : `Deadline: ${durationText(call.timeoutMs)}, unless the call says otherwise.`,
  ];
  const { resend } = call;
  if (kind === "unary" && resend.kind === "retry") {
    sentences.push(`Retried: up to ${resend.maxAttempts} attempts on ${enumeration(resend.codes)}.`);
  }
  if (kind === "unary" && resend.kind === "hedge") {
    sentences.push(`Hedged: up to ${resend.maxAttempts} attempts, ${durationText(resend.delayMs)} apart.`);
  }
  if (resume !== undefined) {
    sentences.push(
      `Resumed where it broke, by \`${resume.from.localName}\`: up to ${resume.retry.maxAttempts} attempts in a row on ${enumeration(resume.retry.codes)}.`,
    );
  }
  if (idempotencyKey !== undefined) {
    sentences.push(`\`${idempotencyKey.localName}\` is filled with a UUID if it is left empty.`);
  }
  return sentences.join(" ");
}

function methodPolicy(
  file: TypeScriptFile,
  { call, raises, idempotencyKey, resume, refusal }: MethodModel,
  channel: ChannelModel,
): Printable[] {
  const { timeoutMs, waitForReady, maxRequestBytes, maxResponseBytes } = call;
  const entries: readonly (readonly [string, Printable | undefined])[] = [
    ["raises", brackets(errorClasses(file, raises))],
    ["timeoutMs", timeoutMs === undefined ? undefined : numberLiteral(timeoutMs)],
    ["waitForReady", waitForReady === undefined ? undefined : String(waitForReady)],
    ["maxRequestBytes", maxRequestBytes === undefined ? undefined : numberLiteral(maxRequestBytes)],
    ["maxResponseBytes", maxResponseBytes === undefined ? undefined : numberLiteral(maxResponseBytes)],
    ["idempotencyKey", idempotencyKey === undefined ? undefined : stringLiteral(idempotencyKey.localName)],
    ["refusal", refusal === undefined ? undefined : refusalPolicy(file, refusal)],
    ["resume", resume === undefined ? undefined : resumePolicy(resume, channel)],
  ];
  return entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, ": ", value]]));
}

/** `{ exception: InvalidFieldError, keys: ["field", "problem"] }` */
function refusalPolicy(file: TypeScriptFile, { exception, path, metadata }: ErrorModel): Printable {
  return braces([
    ["exception: ", file.generated(exception, path)],
    ...refusalKeys(metadata).map((keys) => ["keys: ", keys]),
  ]);
}

/** `{ from: "sequence", with: "afterSequence", retry: { … }, throttle: { … } }` */
function resumePolicy({ from, with: to, retry }: ResumeModel, { throttle }: ChannelModel): Printable {
  return braces([
    `from: ${stringLiteral(from.localName)}`,
    `with: ${stringLiteral(to.localName)}`,
    ["retry: ", braces(retryProperties(retry))],
    ...throttleProperty(throttle),
  ]);
}

/** `maxAttempts: 3, initialBackoffMs: 100, …` */
export function retryProperties(retry: RetryModel): Printable[] {
  return [
    `maxAttempts: ${retry.maxAttempts}`,
    `initialBackoffMs: ${numberLiteral(retry.initialBackoffMs)}`,
    `maxBackoffMs: ${numberLiteral(retry.maxBackoffMs)}`,
    `backoffMultiplier: ${retry.backoffMultiplier}`,
    ["codes: ", brackets(retry.codes.map(stringLiteral))],
  ];
}

/** `throttle: { maxTokens: 10, tokenRatio: 0.1 }`, if there is one. */
export function throttleProperty(throttle: ChannelModel["throttle"]): Printable[] {
  return throttle === undefined
    ? []
    : [
        [
          "throttle: ",
          braces([`maxTokens: ${numberLiteral(throttle.maxTokens)}`, `tokenRatio: ${throttle.tokenRatio}`]),
        ],
      ];
}

import type { ChannelModel, MethodModel, PackageModel, ServiceModel } from "../model/model.js";
import { commentOf } from "../read/source-index.js";
import { printErrorUnions, printProperty, retryProperties, throttleProperty } from "./client.js";
import { deprecation } from "./deprecation.js";
import type { Emitter } from "./emitter.js";
import { errorClasses } from "./error-classes.js";
import { braces, brackets, huggingParentheses, memberAccess, parentheses } from "./typescript/layout-group.js";
import { enumeration, numberLiteral, stringLiteral } from "./typescript/text.js";
import type { Printable, TypeScriptFile } from "./typescript/typescript-file.js";

/** The module of the runtime that clients for browsers import. */
const WEB_MODULE = "@accord-grpc/runtime/web/v1";

const KINDS = {
  unary: { type: "UnaryMethod", call: "unary" },
  server_streaming: { type: "ServerStreamingMethod", call: "serverStreaming" },
} as const;

type WebMethodModel = MethodModel & { readonly kind: keyof typeof KINDS };

/** `*_web.ts`: clients for browsers, with the names and shapes of those in `*_client.ts`. One for each proto file with services. */
export const webEmitter: Emitter = {
  emit(model, output) {
    for (const pkg of model.packages) {
      for (const source of pkg.files) {
        const file = output.typescript(source.webPath, { file: source.file });
        source.services.forEach((service, index) => {
          if (index > 0) {
            file.print``;
          }
          const methods = service.methods.filter(isForBrowsers).map(asInBrowsers);
          printErrorUnions(file, { ...service, methods });
          printClient(file, pkg, { ...service, methods });
        });
      }
    }
  },
};

/** A browser sends one request for each call. */
function isForBrowsers(method: MethodModel): method is WebMethodModel {
  return Object.hasOwn(KINDS, method.kind);
}

/** Streams aren't resumed there, and calls aren't hedged. */
function asInBrowsers(method: WebMethodModel): WebMethodModel {
  const { resend } = method.call;
  return {
    ...method,
    resume: undefined,
    call: { ...method.call, resend: resend.kind === "hedge" ? { kind: "none" } : resend },
  };
}

function printClient(
  file: TypeScriptFile,
  pkg: PackageModel,
  service: ServiceModel & { readonly methods: readonly WebMethodModel[] },
): void {
  const { names, methods } = service;
  // export class LedgerServiceClient {
  //   readonly transfer: UnaryMethod<typeof TransferRequestSchema, typeof TransferResponseSchema, LedgerServiceTransferError>;
  file.comment("", [
    commentOf(service.service),
    leftOut(service),
    { tags: [...deprecation(service.service), `@generated from service ${service.service.typeName}`] },
  ]);
  file.print`${file.export("class", names.client)} {`;
  for (const method of methods) {
    printProperty(file, service.service.typeName, method, file.libraryType(KINDS[method.kind].type, WEB_MODULE));
    file.print``;
  }
  //   constructor(transport: Transport) {
  //     const client = bindClient(LedgerService, LEDGER_ERROR_MAP, transport);
  const transport = file.own("transport");
  const client = file.own("client");
  file.comment("  ", [
    { tags: ["@param transport of `@connectrpc/connect-web`: `createConnectTransport({ baseUrl })`, say"] },
  ]);
  file.print`  constructor${parentheses([[transport, ": ", file.libraryType("Transport", WEB_MODULE)]])} {`;
  const errorMap = file.generated(pkg.names.errorMap, pkg.paths.errors);
  const schema = file.schema(service.service);
  const bound = [file.library("bindClient", WEB_MODULE), parentheses([schema, errorMap, transport])];
  file.print`    ${methods.length === 0 ? "" : ["const ", client, " = "]}${bound};`;
  for (const method of methods) {
    //     this.transfer = client.unary(LedgerService.method.transfer, { raises: [InsufficientFundsError], timeoutMs: 5_000 });
    const call = [client, ".", KINDS[method.kind].call];
    const policy = braces(methodPolicy(file, method, pkg.channel));
    const desc = memberAccess([schema, ".method"], method.names.local);
    file.print`    this.${method.names.member} = ${call}${huggingParentheses([desc, policy])};`;
  }
  file.print`  }`;
  file.print`}`;
}

function leftOut({ service, methods }: ServiceModel) {
  const missing = service.methods.filter((desc) => !methods.some(({ method }) => method === desc));
  return missing.length === 0
    ? undefined
    : {
        fill: `It leaves ${enumeration(missing.map(({ localName }) => localName))} out: a browser can't stream requests.`,
      };
}

function methodPolicy(file: TypeScriptFile, method: WebMethodModel, channel: ChannelModel): Printable[] {
  const { call, raises, idempotencyKey, kind } = method;
  const entries: readonly (readonly [string, Printable | undefined])[] = [
    ["raises", brackets(errorClasses(file, raises))],
    ["timeoutMs", call.timeoutMs === undefined ? undefined : numberLiteral(call.timeoutMs)],
    ["idempotencyKey", idempotencyKey === undefined ? undefined : stringLiteral(idempotencyKey.localName)],
    ["retry", kind === "unary" ? retryPolicy(method, channel) : undefined],
  ];
  return entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, ": ", value]]));
}

/** `{ maxAttempts: 3, …, throttle: { … } }` */
function retryPolicy({ call: { resend } }: WebMethodModel, { throttle }: ChannelModel): Printable | undefined {
  return resend.kind === "retry" ? braces([...retryProperties(resend), ...throttleProperty(throttle)]) : undefined;
}

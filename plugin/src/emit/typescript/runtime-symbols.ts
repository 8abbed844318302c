import { GOOGLE_RPC_DETAILS, type GoogleRpcDetail } from "@accord-grpc/runtime/contract";
import { CODEC_MODULE, CODEC_SYMBOLS } from "./codec-symbols.js";
import { VALIDATION_SYMBOLS } from "./validation-symbols.js";

/** The module of the runtime that generated code imports; codecs have their own. */
export const RUNTIME_MODULE = "@accord-grpc/runtime/codegen/v1";

type DetailSymbols = { readonly [Name in GoogleRpcDetail]: "type" } & {
  readonly [Name in GoogleRpcDetail as `${Name}Schema`]: "value";
};

const DETAIL_SYMBOLS = Object.fromEntries(
  GOOGLE_RPC_DETAILS.flatMap((name) => [
    [name, "type"],
    [`${name}Schema`, "value"],
  ]),
) as DetailSymbols;

/** The names that generated code imports from the runtime. The golden cases are compiled against it, so that both agree. */
export const RUNTIME_SYMBOLS = {
  ...CODEC_SYMBOLS,
  ...DETAIL_SYMBOLS,
  ...VALIDATION_SYMBOLS,
  BidiStreamingMethod: "type",
  BindOptions: "type",
  BoundService: "type",
  CallContext: "type",
  CategoryBase: "type",
  CategoryErrors: "type",
  Channel: "type",
  ChannelInit: "type",
  ClientOptions: "type",
  ClientStreamingMethod: "type",
  ContractError: "value",
  ContractErrorOptions: "type",
  ErrorMap: "type",
  ErrorMetadata: "type",
  GrpcServer: "type",
  LogFields: "type",
  ServerOptions: "type",
  ServerStreamingMethod: "type",
  ServiceConfig: "type",
  Status: "value",
  UnaryMethod: "type",
  bindClient: "value",
  bindService: "value",
  buildChannel: "value",
  categoryErrors: "value",
  createServer: "value",
  defineErrorMap: "value",
  enumName: "value",
  grpcErrorHandler: "value",
  grpcLogger: "value",
  maskHash: "value",
  maskLast4: "value",
  maskLength: "value",
  nameClass: "value",
  requireRuntime: "value",
  requireServicer: "value",
  withDetails: "value",
} as const satisfies Readonly<Record<string, "type" | "value">>;

/** A name that generated code imports from the runtime. */
export type RuntimeSymbol = keyof typeof RUNTIME_SYMBOLS;

/** The module that has a name. */
export function runtimeModule(name: RuntimeSymbol): string {
  return Object.hasOwn(CODEC_SYMBOLS, name) ? CODEC_MODULE : RUNTIME_MODULE;
}

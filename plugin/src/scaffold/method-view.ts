import { type LocalName, localNameOf } from "./local-names.js";
import type { ImportableName } from "./message-names.js";
import type { MethodOutline, ServicerOutline } from "./servicer-outline.js";
import type { SourceStyle } from "./source-style.js";

/** What `_method.ts.hbs` renders: one method. */
export interface MethodView {
  /** `transfer` */
  readonly name: string;
  /** `ledger.v1.LedgerService.Transfer` */
  readonly rpc: string;
  /** Whether the method returns a stream: an async generator. */
  readonly streamsResponses: boolean;
  /** Whether the method receives a stream. */
  readonly streamsRequests: boolean;
  /** `request`, or `requests` of a stream. */
  readonly parameter: string;
  /** `TransferRequest`, `AsyncIterable<ImportEntriesRequest>` */
  readonly parameterType: string;
  /** `CallContext` */
  readonly contextType: string;
  /** `Promise<MessageInitShape<typeof TransferResponseSchema>>` */
  readonly returnType: string;
  /** All before the body, broken into lines where it is long: `async transfer(request: …): Promise<…>`. */
  readonly head: string;
  /** An expression for what an unwritten method throws: `unimplemented(context)`. */
  readonly notImplemented: string;
}

const CALL_CONTEXT: ImportableName = {
  name: "CallContext",
  module: { kind: "package", specifier: "@accord-grpc/runtime" },
  typeOnly: true,
};

const UNIMPLEMENTED: ImportableName = {
  name: "unimplemented",
  module: { kind: "package", specifier: "@accord-grpc/runtime" },
  typeOnly: false,
};

const MESSAGE_INIT_SHAPE: ImportableName = {
  name: "MessageInitShape",
  module: { kind: "package", specifier: "@bufbuild/protobuf" },
  typeOnly: true,
};

/** What a file must import for these methods to be written in it. */
export function namesForMethods(methods: readonly MethodOutline[]): ImportableName[] {
  return methods.length === 0
    ? []
    : [
        CALL_CONTEXT,
        UNIMPLEMENTED,
        MESSAGE_INIT_SHAPE,
        ...methods.flatMap(({ input, outputSchema }) => [input, outputSchema]),
      ];
}

/** What a file must import for a servicer's class to be written in it. */
export function namesForServicer(outline: ServicerOutline): ImportableName[] {
  return [...namesForMethods(outline.methods), outline.servicer];
}

/**
 * Says how a method is written, in a file with these names.
 *
 * @param indentation the width of what stands before the method on its line
 */
export function viewMethod(
  method: MethodOutline,
  names: readonly LocalName[],
  style: SourceStyle,
  indentation: number,
): MethodView {
  const streamsRequests = method.kind === "client_streaming" || method.kind === "bidi_streaming";
  const streamsResponses = method.kind === "server_streaming" || method.kind === "bidi_streaming";
  const input = localNameOf(names, method.input);
  const output = `${localNameOf(names, MESSAGE_INIT_SHAPE)}<typeof ${localNameOf(names, method.outputSchema)}>`;
  const signature = {
    name: method.name,
    streamsResponses,
    streamsRequests,
    parameter: streamsRequests ? "requests" : "request",
    parameterType: streamsRequests ? `AsyncIterable<${input}>` : input,
    contextType: localNameOf(names, CALL_CONTEXT),
    returnType: `${streamsResponses ? "AsyncIterable" : "Promise"}<${output}>`,
  };
  return {
    ...signature,
    rpc: method.rpc,
    head: headOf(signature, style.lineWidth - indentation),
    notImplemented: `${localNameOf(names, UNIMPLEMENTED)}(context)`,
  };
}

function headOf(
  method: Pick<MethodView, "name" | "streamsResponses" | "parameter" | "parameterType" | "contextType" | "returnType">,
  width: number,
): string {
  const start = `async ${method.streamsResponses ? "*" : ""}${method.name}(`;
  const parameters = [`${method.parameter}: ${method.parameterType}`, `context: ${method.contextType}`];
  const end = `): ${method.returnType}`;
  const line = start + parameters.join(", ") + end;
  // The line goes on with a blank and a brace.
  return line.length + 2 <= width ? line : [start, ...parameters.map((parameter) => `  ${parameter},`), end].join("\n");
}

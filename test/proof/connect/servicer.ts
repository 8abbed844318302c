import { setTimeout as sleep } from "node:timers/promises";
import { type CallContext, unimplemented } from "@accord-grpc/runtime";
import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import {
  type BidiStreamRequest,
  BidiStreamRequestSchema,
  type BidiStreamResponseSchema,
  ClientStreamRequestSchema,
  type ConformancePayload_RequestInfo,
  ConformancePayload_RequestInfoSchema,
  type ConformancePayloadSchema,
  IdempotentUnaryRequestSchema,
  ServerStreamRequestSchema,
  type ServerStreamResponseSchema,
  type StreamResponseDefinition,
  UnaryRequestSchema,
  type UnaryResponseDefinition,
} from "../gen/connect/connectrpc/conformance/v1/service_pb.js";
import type { ConformanceServiceServicer } from "../gen/connect/connectrpc/conformance/v1/service_servicer.js";
import { answerWith } from "./answer-with.js";
import { addHeaders, fromMetadata } from "./conformance-messages.js";

type Payload = MessageInitShape<typeof ConformancePayloadSchema>;

/** The suite's service, as its protos describe it. */
export const conformanceServicer: ConformanceServiceServicer = {
  async unary(request, context) {
    return { payload: await singleAnswer(request.responseDefinition, [pack(UnaryRequestSchema, request)], context) };
  },

  async idempotentUnary(request, context) {
    const requests = [pack(IdempotentUnaryRequestSchema, request)];
    return { payload: await singleAnswer(request.responseDefinition, requests, context) };
  },

  async clientStream(requests, context) {
    let definition: UnaryResponseDefinition | undefined;
    const received: Any[] = [];
    for await (const request of requests) {
      if (received.length === 0) {
        definition = request.responseDefinition;
      }
      received.push(pack(ClientStreamRequestSchema, request));
    }
    return { payload: await singleAnswer(definition, received, context) };
  },

  async *serverStream(request, context): AsyncGenerator<MessageInitShape<typeof ServerStreamResponseSchema>> {
    const definition = request.responseDefinition;
    if (definition === undefined) {
      return;
    }
    setMetadata(definition, context);
    context.sendHeaders();
    const info = requestInfo([pack(ServerStreamRequestSchema, request)], context);
    yield* answers(definition, 0, info, context);
  },

  async *bidiStream(requests, context): AsyncGenerator<MessageInitShape<typeof BidiStreamResponseSchema>> {
    let first: BidiStreamRequest | undefined;
    let sent = 0;
    let received: Any[] = [];
    for await (const request of requests) {
      if (first === undefined) {
        first = request;
        if (first.responseDefinition !== undefined) {
          setMetadata(first.responseDefinition, context);
          if (first.fullDuplex) {
            context.sendHeaders();
          }
        }
      }
      received.push(pack(BidiStreamRequestSchema, request));
      if (first.fullDuplex) {
        const definition = first.responseDefinition;
        const data = definition?.responseData[sent];
        if (definition === undefined || data === undefined) {
          break;
        }
        const info =
          sent === 0
            ? requestInfo(received, context)
            : create(ConformancePayload_RequestInfoSchema, { requests: received });
        await sleep(definition.responseDelayMs, undefined, { signal: context.signal });
        yield { payload: { data, requestInfo: info } };
        sent += 1;
        received = [];
      }
    }
    if (first?.responseDefinition !== undefined) {
      context.sendHeaders();
      yield* answers(first.responseDefinition, sent, requestInfo(received, context), context);
    }
  },

  async unimplemented(_request, context) {
    throw unimplemented(context);
  },
};

async function singleAnswer(
  definition: UnaryResponseDefinition | undefined,
  requests: readonly Any[],
  context: CallContext,
): Promise<Payload> {
  const info = requestInfo(requests, context);
  if (definition === undefined) {
    return { requestInfo: info };
  }
  setMetadata(definition, context);
  await sleep(definition.responseDelayMs, undefined, { signal: context.signal });
  const { response } = definition;
  if (response.case === "error") {
    throw answerWith(response.value, [...response.value.details, pack(ConformancePayload_RequestInfoSchema, info)]);
  }
  return { requestInfo: info, ...(response.case === "responseData" ? { data: response.value } : undefined) };
}

/** What remains to be sent of a definition's responses, and its error. */
async function* answers(
  definition: StreamResponseDefinition,
  sent: number,
  info: ConformancePayload_RequestInfo,
  context: CallContext,
): AsyncGenerator<{ payload: Payload }> {
  const { responseData, responseDelayMs, error } = definition;
  for (let index = sent; index < responseData.length; index += 1) {
    await sleep(responseDelayMs, undefined, { signal: context.signal });
    const data = responseData[index] ?? new Uint8Array();
    yield { payload: index === 0 ? { data, requestInfo: info } : { data } };
  }
  if (error !== undefined) {
    const isFirst = sent === 0 && responseData.length === 0;
    throw answerWith(
      error,
      isFirst ? [...error.details, pack(ConformancePayload_RequestInfoSchema, info)] : error.details,
    );
  }
}

function setMetadata(
  { responseHeaders, responseTrailers }: UnaryResponseDefinition | StreamResponseDefinition,
  context: CallContext,
): void {
  addHeaders(context.responseHeaders, responseHeaders);
  addHeaders(context.responseTrailers, responseTrailers);
}

function requestInfo(requests: readonly Any[], context: CallContext): ConformancePayload_RequestInfo {
  return create(ConformancePayload_RequestInfoSchema, {
    requestHeaders: fromMetadata(context.requestMetadata),
    requests: [...requests],
    ...(context.deadline === undefined ? undefined : { timeoutMs: BigInt(Math.floor(context.timeRemaining())) }),
  });
}

function pack<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): Any {
  return anyPack(schema, message);
}

import { setTimeout as sleep } from "node:timers/promises";
import {
  type CallContext,
  type LoadReport,
  ServerMetricRecorder,
  Status,
  StatusError,
  unimplemented,
} from "@accord-grpc/runtime";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type EchoStatus,
  type PayloadSchema,
  PayloadType,
  type StreamingOutputCallRequest,
  type StreamingOutputCallResponseSchema,
  type TestOrcaReport,
} from "../gen/interop/grpc/testing/messages_pb.js";
import type { TestServiceServicer } from "../gen/interop/grpc/testing/test_servicer.js";
import { checkCompressed, sendCompressed } from "./compression.js";

const ECHO_INITIAL = "x-grpc-test-echo-initial";
const ECHO_TRAILING = "x-grpc-test-echo-trailing-bin";
const SERVER_ID = `accord-${process.pid}`;

/** What the server says of its load. */
export const serverMetrics = new ServerMetricRecorder({ minReportIntervalMs: 1_000 });

type Response = MessageInitShape<typeof StreamingOutputCallResponseSchema>;

/** The server of gRPC's interoperability tests, as `interop-test-descriptions.md` describes it. */
export const testServicer: TestServiceServicer = {
  async emptyCall() {
    return {};
  },

  async unaryCall(request, context) {
    echoMetadata(context);
    checkCompressed(context, request.expectCompressed?.value);
    answerStatus(request.responseStatus);
    sendCompressed(context, request.responseCompressed?.value);
    context.reportLoad(loadOf(request.orcaPerQueryReport));
    return {
      payload: payload(request.responseType, request.responseSize),
      ...(request.fillServerId ? { serverId: SERVER_ID } : undefined),
    };
  },

  async cacheableUnaryCall(_request, context) {
    context.responseHeaders.set("cache-control", "max-age=60, public");
    return { payload: { body: new TextEncoder().encode(String(process.hrtime.bigint())) } };
  },

  async *streamingOutputCall(request, context): AsyncGenerator<Response> {
    yield* responses(request, context);
  },

  async streamingInputCall(requests, context) {
    let size = 0;
    for await (const request of requests) {
      checkCompressed(context, request.expectCompressed?.value);
      size += request.payload?.body.byteLength ?? 0;
    }
    return { aggregatedPayloadSize: size };
  },

  async *fullDuplexCall(requests, context): AsyncGenerator<Response> {
    echoMetadata(context);
    for await (const request of requests) {
      answerStatus(request.responseStatus);
      if (request.orcaOobReport !== undefined) {
        serverMetrics.clear();
        serverMetrics.record(loadOf(request.orcaOobReport));
      }
      yield* responses(request, context);
    }
  },

  async *halfDuplexCall(requests, context): AsyncGenerator<Response> {
    const received: StreamingOutputCallRequest[] = [];
    for await (const request of requests) {
      received.push(request);
    }
    for (const request of received) {
      yield* responses(request, context);
    }
  },

  async unimplementedCall(_request, context) {
    throw unimplemented(context);
  },
};

async function* responses(request: StreamingOutputCallRequest, context: CallContext): AsyncGenerator<Response> {
  for (const { size, intervalUs, compressed } of request.responseParameters) {
    if (intervalUs > 0) {
      await sleep(intervalUs / 1_000, undefined, { signal: context.signal });
    }
    sendCompressed(context, compressed?.value);
    yield { payload: payload(request.responseType, size) };
  }
}

function loadOf(report: TestOrcaReport | undefined): LoadReport {
  if (report === undefined) {
    return {};
  }
  const { cpuUtilization, memoryUtilization, requestCost, utilization } = report;
  return { cpuUtilization, memoryUtilization, requestCost, utilization };
}

function payload(type: PayloadType, size: number): MessageInitShape<typeof PayloadSchema> {
  if (type !== PayloadType.COMPRESSABLE || size < 0) {
    throw new StatusError(Status.INVALID_ARGUMENT, "There is no such payload");
  }
  return { type, body: new Uint8Array(size) };
}

function echoMetadata({ requestMetadata, responseHeaders, responseTrailers }: CallContext): void {
  for (const value of requestMetadata.get(ECHO_INITIAL)) {
    responseHeaders.add(ECHO_INITIAL, value);
  }
  for (const value of requestMetadata.get(ECHO_TRAILING)) {
    responseTrailers.add(ECHO_TRAILING, value);
  }
}

function answerStatus(status: EchoStatus | undefined): void {
  if (status !== undefined && status.code !== Status.OK) {
    throw new StatusError(status.code as Status, status.message);
  }
}

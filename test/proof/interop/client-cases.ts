import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import {
  type CallOptions,
  type Channel,
  ContractError,
  type LoadReport,
  loadReportOf,
  Status,
  watchLoad,
} from "@accord-grpc/runtime";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import type { SimpleRequestSchema, StreamingOutputCallRequestSchema } from "../gen/interop/grpc/testing/messages_pb.js";
import { TestServiceClient, UnimplementedServiceClient } from "../gen/interop/grpc/testing/test_client.js";
import { cameCompressed } from "./not-yet.js";

/** `gzip`: all that a channel sends is compressed. */
export type ChannelKind = "plain" | "gzip";

/** Opens a channel to the server; it is closed after the case. */
export type OpenChannel = (kind?: ChannelKind) => Channel;

const TIMEOUT: CallOptions & { timeoutMs: number } = { timeoutMs: 30_000 };
const LARGE_REQUEST = 271_828;
const LARGE_RESPONSE = 314_159;
const REQUEST_SIZES = [27_182, 8, 1_828, 45_904];
const RESPONSE_SIZES = [31_415, 9, 2_653, 58_979];
const SOAK_ITERATIONS = 100;

const zeros = (size: number) => ({ body: new Uint8Array(size) });
const largeRequest = (): MessageInitShape<typeof SimpleRequestSchema> => ({
  responseSize: LARGE_RESPONSE,
  payload: zeros(LARGE_REQUEST),
});

/** The cases that need neither Google's cloud nor xDS, as `interop-test-descriptions.md` describes them. */
export const CLIENT_CASES: Readonly<Record<string, (open: OpenChannel) => Promise<void>>> = {
  async empty_unary(open) {
    await test(open).emptyCall({}, TIMEOUT);
  },

  async cacheable_unary(open) {
    // No proxy stands between: two answers are two timestamps. That the call is made, and by POST, is what is seen.
    const payload = zeros(0);
    const { payload: first } = await test(open).cacheableUnaryCall({ payload }, TIMEOUT);
    ok((first?.body.byteLength ?? 0) > 0);
  },

  async large_unary(open) {
    await largeUnary(open());
  },

  async client_compressed_unary_noprobe(open) {
    await largeUnary(open("gzip"), { expectCompressed: { value: true } });
    await largeUnary(open(), { expectCompressed: { value: false } });
  },

  async server_compressed_unary(open) {
    await largeUnary(open(), { responseCompressed: { value: true } });
    await largeUnary(open(), { responseCompressed: { value: false } });
    deepStrictEqual(cameCompressed(), [true, false]);
  },

  async client_streaming(open) {
    const requests = REQUEST_SIZES.map((size) => ({ payload: zeros(size) }));
    const response = await test(open).streamingInputCall(each(requests), TIMEOUT);
    strictEqual(response.aggregatedPayloadSize, 74_922);
  },

  async client_compressed_streaming_noprobe(open) {
    const requests = [
      { payload: zeros(27_182), expectCompressed: { value: true } },
      { payload: zeros(45_904), expectCompressed: { value: false } },
    ];
    const options = { ...TIMEOUT, compress: (_request: object, index: number) => index === 0 };
    const response = await test(() => open("gzip")).streamingInputCall(each(requests), options);
    strictEqual(response.aggregatedPayloadSize, 73_086);
  },

  async server_streaming(open) {
    const responseParameters = RESPONSE_SIZES.map((size) => ({ size }));
    const responses = await all(test(open).streamingOutputCall({ responseParameters }, TIMEOUT));
    deepStrictEqual(responses.map(bodySize), RESPONSE_SIZES);
  },

  async server_compressed_streaming(open) {
    const responseParameters = [
      { size: 31_415, compressed: { value: true } },
      { size: 92_653, compressed: { value: false } },
    ];
    const responses = await all(test(open).streamingOutputCall({ responseParameters }, TIMEOUT));
    deepStrictEqual(responses.map(bodySize), [31_415, 92_653]);
    deepStrictEqual(cameCompressed(), [true, false]);
  },

  async ping_pong(open) {
    const replies = new Replies();
    const received: number[] = [];
    for await (const response of test(open).fullDuplexCall(pings(replies), TIMEOUT)) {
      received.push(bodySize(response));
      replies.arrived();
    }
    deepStrictEqual(received, RESPONSE_SIZES);
  },

  async empty_stream(open) {
    deepStrictEqual(await all(test(open).fullDuplexCall(each([]), TIMEOUT)), []);
  },

  async custom_metadata(open) {
    const client = test(open);
    const metadata = new Metadata();
    metadata.set("x-grpc-test-echo-initial", "test_initial_metadata_value");
    metadata.set("x-grpc-test-echo-trailing-bin", Buffer.from([0xab, 0xab, 0xab]));
    await seesEchoes((options) => client.unaryCall(largeRequest(), { ...options, metadata }));
    await seesEchoes(async (options) => {
      const request = { responseParameters: [{ size: LARGE_RESPONSE }], payload: zeros(LARGE_REQUEST) };
      await all(client.fullDuplexCall(each([request]), { ...options, metadata }));
    });
  },

  async status_code_and_message(open) {
    const client = test(open);
    const responseStatus = { code: 2, message: "test status message" };
    for (const call of [
      () => client.unaryCall({ responseStatus }, TIMEOUT),
      () => all(client.fullDuplexCall(each([{ responseStatus }]), TIMEOUT)),
    ]) {
      const error = await failure(call);
      deepStrictEqual([error.status, error.message], [Status.UNKNOWN, "test status message"]);
    }
  },

  async special_status_message(open) {
    const message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
    const error = await failure(() => test(open).unaryCall({ responseStatus: { code: 2, message } }, TIMEOUT));
    deepStrictEqual([error.status, error.message], [Status.UNKNOWN, message]);
  },

  async unimplemented_method(open) {
    strictEqual((await failure(() => test(open).unimplementedCall({}, TIMEOUT))).status, Status.UNIMPLEMENTED);
  },

  async unimplemented_service(open) {
    const client = new UnimplementedServiceClient(open());
    strictEqual((await failure(() => client.unimplementedCall({}, TIMEOUT))).status, Status.UNIMPLEMENTED);
  },

  async cancel_after_begin(open) {
    const cancelled = new AbortController();
    const begun = new Replies();
    const call = failure(() => test(open).streamingInputCall(silent(begun), { ...TIMEOUT, signal: cancelled.signal }));
    await begun.next();
    cancelled.abort();
    strictEqual((await call).status, Status.CANCELLED);
  },

  async cancel_after_first_response(open) {
    const cancelled = new AbortController();
    const replies = new Replies();
    const error = await failure(async () => {
      const call = test(open).fullDuplexCall(pings(replies), { ...TIMEOUT, signal: cancelled.signal });
      for await (const response of call) {
        strictEqual(bodySize(response), RESPONSE_SIZES[0]);
        cancelled.abort();
      }
    });
    strictEqual(error.status, Status.CANCELLED);
  },

  async timeout_on_sleeping_server(open) {
    const request = { payload: zeros(27_182), responseParameters: [{ size: 31_415, intervalUs: 10_000_000 }] };
    const error = await failure(() => all(test(open).fullDuplexCall(each([request]), { timeoutMs: 1 })));
    strictEqual(error.status, Status.DEADLINE_EXCEEDED);
  },

  async concurrent_large_unary(open) {
    const channel = open();
    await Promise.all(Array.from({ length: SOAK_ITERATIONS }, () => largeUnary(channel)));
  },

  async rpc_soak(open) {
    const channel = open();
    for (let iteration = 0; iteration < SOAK_ITERATIONS; iteration += 1) {
      await largeUnary(channel);
    }
  },

  async channel_soak(open) {
    for (let iteration = 0; iteration < SOAK_ITERATIONS; iteration += 1) {
      const channel = open();
      await largeUnary(channel);
      channel.close();
    }
  },

  async orca_per_rpc(open) {
    const orcaPerQueryReport = {
      cpuUtilization: 0.821,
      memoryUtilization: 0.5847,
      requestCost: { cost: 3456.32 },
      utilization: { util: 0.30499 },
    };
    let report: LoadReport | undefined;
    const onTrailers = (trailers: Metadata) => {
      report = loadReportOf(trailers);
    };
    await test(open).unaryCall({ orcaPerQueryReport }, { ...TIMEOUT, onTrailers });
    deepStrictEqual(report, orcaPerQueryReport);
  },

  async orca_oob(open) {
    const channel = open();
    const reports = watchLoad(channel, { intervalMs: 1_000 });
    const client = new TestServiceClient(channel);
    for (const orcaOobReport of [
      { cpuUtilization: 0.821, memoryUtilization: 0.5847, utilization: { util: 0.30499 } },
      { cpuUtilization: 0.29309, memoryUtilization: 0.2, utilization: { util: 0.2039 } },
    ]) {
      await all(client.fullDuplexCall(each([{ orcaOobReport, responseParameters: [{ size: 1 }] }]), TIMEOUT));
      await comes(orcaOobReport, reports);
    }
    await reports.return();
  },
};

/** Waits for a report: of those that come, the ones on their way tell of before. */
async function comes(expected: LoadReport, reports: AsyncGenerator<LoadReport, void>): Promise<void> {
  for (let seen = 0; seen < 10; seen += 1) {
    const { value } = await reports.next();
    if (isDeepStrictEqual(value, expected)) {
      return;
    }
  }
  throw new Error("ten reports don't tell of what was set");
}

function test(open: OpenChannel): TestServiceClient {
  return new TestServiceClient(open());
}

async function largeUnary(channel: Channel, more: MessageInitShape<typeof SimpleRequestSchema> = {}): Promise<void> {
  const response = await new TestServiceClient(channel).unaryCall({ ...largeRequest(), ...more } as never, TIMEOUT);
  strictEqual(bodySize(response), LARGE_RESPONSE);
}

async function failure(call: () => Promise<unknown>): Promise<ContractError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof ContractError) {
      return error;
    }
    throw error;
  }
  throw new Error("the call should have failed");
}

async function seesEchoes(call: (options: typeof TIMEOUT) => Promise<unknown>): Promise<void> {
  let headers = new Metadata();
  let trailers = new Metadata();
  await call({
    ...TIMEOUT,
    onHeaders: (received) => {
      headers = received;
    },
    onTrailers: (received) => {
      trailers = received;
    },
  });
  deepStrictEqual(headers.get("x-grpc-test-echo-initial"), ["test_initial_metadata_value"]);
  deepStrictEqual(trailers.get("x-grpc-test-echo-trailing-bin"), [Buffer.from([0xab, 0xab, 0xab])]);
}

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

async function all<T>(responses: AsyncIterable<T>): Promise<T[]> {
  const received: T[] = [];
  for await (const response of responses) {
    received.push(response);
  }
  return received;
}

function bodySize({ payload }: { readonly payload?: { readonly body: Uint8Array } | undefined }): number {
  return payload?.body.byteLength ?? 0;
}

/** Requests of a full duplex call, each after the reply to the one before. */
async function* pings(replies: Replies): AsyncGenerator<MessageInitShape<typeof StreamingOutputCallRequestSchema>> {
  for (const [index, size] of RESPONSE_SIZES.entries()) {
    yield { responseParameters: [{ size }], payload: zeros(REQUEST_SIZES[index] ?? 0) };
    await replies.next();
  }
}

/** A stream of requests that stays open and is silent; it says when the call asks for the first. */
async function* silent(begun: Replies): AsyncGenerator<never> {
  begun.arrived();
  await new Promise<void>((resolve) => setTimeout(resolve, 1_000));
}

/** Lets one side of a call wait for the other. */
class Replies {
  #arrived = 0;
  #wake: (() => void) | undefined;

  arrived(): void {
    this.#arrived += 1;
    this.#wake?.();
  }

  async next(): Promise<void> {
    if (this.#arrived === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#arrived -= 1;
  }
}

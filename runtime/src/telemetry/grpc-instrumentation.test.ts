import { createRequire } from "node:module";
import { SpanKind, trace } from "@opentelemetry/api";
import { GrpcInstrumentation } from "@opentelemetry/instrumentation-grpc";
import { afterAll, beforeAll, expect, it } from "vitest";
import { registerTestSdk, type TestSdk } from "../../test-support/telemetry.js";

// Nothing here imports grpc-js, or anything that does, before the instrumentation has had its chance to patch it.

let sdk: TestSdk;
let instrumentation: GrpcInstrumentation;

beforeAll(() => {
  sdk = registerTestSdk();
  instrumentation = new GrpcInstrumentation();
  instrumentation.setTracerProvider(trace.getTracerProvider());
  // Patched when it is first required; ES modules get the same copy.
  createRequire(import.meta.url)("@grpc/grpc-js");
});

afterAll(async () => {
  instrumentation.disable();
  await sdk.shutdown();
});

it("@opentelemetry/instrumentation-grpc patches grpc-js, and doubles no span of ours", async () => {
  const { bindProbe } = await import("../../test-support/probe-service.js");
  const { probeClient } = await import("../../test-support/probe-client.js");
  const { RawClient } = await import("../../test-support/raw-client.js");
  const { startTestServer } = await import("../testing/index.js");
  const { ProbeService } = await import("../../test-support/gen/probe/v1/probe_pb.js");

  const server = await startTestServer([
    bindProbe({
      unary: ({ id }) => ({ id }),
      async *bidiStream(requests) {
        for await (const { id } of requests) {
          yield { id };
        }
      },
    }),
  ]);
  const spans = () =>
    sdk.spans().map(({ kind, instrumentationScope, parentSpanContext }) => ({
      kind: SpanKind[kind],
      scope: instrumentationScope.name,
      root: parentSpanContext === undefined,
    }));
  const ours = "@accord-grpc/runtime";
  const both = [
    { kind: "SERVER", scope: ours, root: false },
    { kind: "CLIENT", scope: ours, root: true },
  ];
  try {
    const client = probeClient(server.channel);
    await client.unary({ id: "1" });
    await expect.poll(spans).toHaveLength(2);
    expect(spans()).toEqual(expect.arrayContaining(both));

    async function* requests() {
      yield { id: "1" };
    }
    for await (const _ of client.bidiStream(requests()));
    await expect.poll(spans).toHaveLength(4);
    expect(spans()).toEqual([...both, ...both].map(() => expect.objectContaining({ scope: ours })));

    // A plain grpc-js client is still the instrumentation's, and its trace goes on in ours.
    const raw = new RawClient(server.address);
    await raw.call(ProbeService.method.unary, [{}]);
    raw.close();
    await expect.poll(spans).toHaveLength(6);
    expect(spans().slice(4)).toEqual(
      expect.arrayContaining([
        { kind: "SERVER", scope: ours, root: false },
        { kind: "CLIENT", scope: "@opentelemetry/instrumentation-grpc", root: true },
      ]),
    );
  } finally {
    await server.close();
  }
});

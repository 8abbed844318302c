import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { status as GrpcStatus } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { bindProbe } from "../../test-support/probe-service.js";
import { RawClient } from "../../test-support/raw-client.js";
import { ServerReflection } from "../gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionAlpha } from "../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { startTestServer, type TestServer } from "../testing/index.js";
import type { ServerOptions } from "./server.js";

let running: TestServer;
let client: RawClient;

afterEach(async () => {
  client.close();
  await running.close();
});

async function serve(options: ServerOptions = {}): Promise<void> {
  running = await startTestServer([bindProbe({})], options);
  client = new RawClient(running.address);
}

describe.each([
  ["v1", ServerReflection],
  ["v1alpha", ServerReflectionAlpha],
])("%s", (_version, service) => {
  const method = (service as typeof ServerReflection).method.serverReflectionInfo;

  async function ask(...requests: Parameters<typeof client.call<typeof method>>[1]) {
    const { responses } = await client.call(method, requests);
    return responses.map(({ messageResponse }) => messageResponse);
  }

  const fileNames = (response: Awaited<ReturnType<typeof ask>>[number] | undefined): string[] =>
    response?.case === "fileDescriptorResponse"
      ? response.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name)
      : [];

  it("lists the services", async () => {
    await serve();
    const [response] = await ask({ messageRequest: { case: "listServices", value: "" } });
    expect(response).toMatchObject({
      case: "listServicesResponse",
      value: {
        service: [
          { name: "probe.v1.ProbeService" },
          { name: "grpc.health.v1.Health" },
          { name: "grpc.reflection.v1.ServerReflection" },
          { name: "grpc.reflection.v1alpha.ServerReflection" },
        ],
      },
    });
  });

  it("finds the file of a symbol, with what it imports, once on a stream", async () => {
    await serve();
    const symbols = [
      "probe.v1.ProbeService",
      "probe.v1.ProbeService.Unary",
      "probe.v1.Nested",
      "probe.v1.Nested.password",
      "probe.v1.Everything.choice",
      "probe.v1.Color",
      "probe.v1.COLOR_RED",
    ];
    const responses = await ask(
      ...symbols.map((value) => ({ messageRequest: { case: "fileContainingSymbol" as const, value } })),
    );
    expect(fileNames(responses[0])).toEqual([
      "probe/v1/probe.proto",
      "google/protobuf/any.proto",
      "google/protobuf/duration.proto",
      "google/protobuf/struct.proto",
      "google/protobuf/wrappers.proto",
    ]);
    for (const response of responses.slice(1)) {
      expect(fileNames(response)).toEqual(["probe/v1/probe.proto"]);
    }
  });

  it("finds files by name, and says what it doesn't find", async () => {
    await serve();
    const responses = await ask(
      { messageRequest: { case: "fileByFilename", value: "google/protobuf/any.proto" } },
      { messageRequest: { case: "fileByFilename", value: "nope.proto" } },
      { messageRequest: { case: "fileContainingSymbol", value: "nope.Nope" } },
      { messageRequest: { case: "allExtensionNumbersOfType", value: "probe.v1.Nested" } },
      { messageRequest: { case: "allExtensionNumbersOfType", value: "nope.Nope" } },
      {
        messageRequest: {
          case: "fileContainingExtension",
          value: { containingType: "probe.v1.Nested", extensionNumber: 7 },
        },
      },
      {},
    );
    expect(fileNames(responses[0])).toEqual(["google/protobuf/any.proto"]);
    const codes = responses.map((response) =>
      response.case === "errorResponse" ? response.value.errorCode : GrpcStatus.OK,
    );
    const { OK, NOT_FOUND, INVALID_ARGUMENT } = GrpcStatus;
    expect(codes).toEqual([OK, NOT_FOUND, NOT_FOUND, OK, NOT_FOUND, NOT_FOUND, INVALID_ARGUMENT]);
  });

  it("can be turned off", async () => {
    await serve({ reflection: false });
    expect((await client.call(method, [{}])).code).toBe(GrpcStatus.UNIMPLEMENTED);
  });
});

it("is off in production", async () => {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = "production";
  try {
    await serve();
  } finally {
    process.env.NODE_ENV = before;
  }
  const { code } = await client.call(ServerReflection.method.serverReflectionInfo, [{}]);
  expect(code).toBe(GrpcStatus.UNIMPLEMENTED);
});

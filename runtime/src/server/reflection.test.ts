import { fromBinary } from "@bufbuild/protobuf";
import {
  ApiSchema,
  FieldMaskSchema,
  FileDescriptorProtoSchema,
  SourceContextSchema,
  TimestampSchema,
} from "@bufbuild/protobuf/wkt";
import { status as GrpcStatus, Metadata } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { bindProbe, PROBE_ERROR_MAP } from "../../test-support/probe-service.js";
import { RawClient } from "../../test-support/raw-client.js";
import type { AuthRequirement } from "../call/servicer-method.js";
import { defineErrorMap, type ErrorMap, type ErrorMapEntry } from "../errors/error-map.js";
import { CodeSchema } from "../gen/google/rpc/code_pb.js";
import { ServerReflection } from "../gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionAlpha } from "../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { startTestServer, type TestServer } from "../testing/index.js";
import { createServer, type ServerOptions } from "./server.js";

let running: TestServer;
let client: RawClient;

afterEach(async () => {
  client.close();
  await running.close();
});

async function serve(options: ServerOptions = {}, errors: ErrorMap = PROBE_ERROR_MAP): Promise<void> {
  running = await startTestServer([bindProbe({}, { errors })], options);
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

  it("serves what errors are made of, of imported catalogues too, and what the user adds", async () => {
    const { categories } = PROBE_ERROR_MAP;
    const entry = PROBE_ERROR_MAP.entries[0] as ErrorMapEntry;
    const errors = [{ ...entry, details: [SourceContextSchema, TimestampSchema] }];
    const imported = defineErrorMap({ domain: "imported", errors, categories });
    const own = defineErrorMap({
      domain: "own",
      catalog: CodeSchema,
      detail: ApiSchema,
      errors: [],
      categories,
      imports: () => [imported],
    });
    await serve({ reflectionFiles: [FieldMaskSchema.file] }, own);
    const symbols = [
      "google.rpc.Status",
      "google.rpc.BadRequest",
      "google.rpc.Code",
      "google.protobuf.Api",
      "google.protobuf.SourceContext",
      "google.protobuf.Timestamp",
      "google.protobuf.FieldMask",
      "google.protobuf.Empty",
    ];
    const responses = await ask(
      ...symbols.map((value) => ({ messageRequest: { case: "fileContainingSymbol" as const, value } })),
    );
    expect(responses.map((response) => fileNames(response)[0])).toEqual([
      "google/rpc/status.proto",
      "google/rpc/error_details.proto",
      "google/rpc/code.proto",
      "google/protobuf/api.proto",
      "google/protobuf/source_context.proto",
      "google/protobuf/timestamp.proto",
      "google/protobuf/field_mask.proto",
      undefined,
    ]);
  });

  it("can be turned off", async () => {
    await serve({ reflection: false });
    expect((await client.call(method, [{}])).code).toBe(GrpcStatus.UNIMPLEMENTED);
  });
});

describe("is on only where somebody says so", () => {
  const on = GrpcStatus.OK;
  const off = GrpcStatus.UNIMPLEMENTED;

  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each([
    ["development", undefined, on],
    ["test", undefined, on],
    ["production", undefined, off],
    ["prod", undefined, off],
    ["staging", undefined, off],
    ["Development", undefined, off],
    ["testing", undefined, off],
    ["", undefined, off],
    [undefined, undefined, off],
    ["production", true, on],
    [undefined, true, on],
    [undefined, "anonymous", on],
    ["development", false, off],
  ] as const)("NODE_ENV=%s, reflection: %s", async (nodeEnv, reflection, expected) => {
    vi.stubEnv("NODE_ENV", nodeEnv);
    await serve(reflection === undefined ? {} : { reflection });
    const { code } = await client.call(ServerReflection.method.serverReflectionInfo, [{}]);
    expect(code).toBe(expected);
  });
});

describe("asks for as much as to be known, where the services do", () => {
  const known = new Metadata();
  known.set("authorization", "Bearer good");
  const methods = [ServerReflection, ServerReflectionAlpha].map(
    (service) => (service as typeof ServerReflection).method.serverReflectionInfo,
  );

  async function codes(auth: AuthRequirement, reflection: ServerOptions["reflection"]) {
    running = await startTestServer([bindProbe({}, { policies: { serverStream: { auth } } })], {
      auth: (metadata) => (metadata.get("authorization")[0] === "Bearer good" ? { subject: "ada" } : null),
      ...(reflection === undefined ? {} : { reflection }),
    });
    client = new RawClient(running.address);
    const request = [{ messageRequest: { case: "listServices" as const, value: "" } }];
    const all = methods.flatMap((method) => [
      client.call(method, request),
      client.call(method, request, { metadata: known }),
    ]);
    return (await Promise.all(all)).map(({ code, responses }) => [code, responses.length]);
  }

  const open = [GrpcStatus.OK, 1];
  const refused = [GrpcStatus.UNAUTHENTICATED, 0];

  it.each([
    [{ requirement: "required" }, undefined, [refused, open, refused, open]],
    [{ requirement: "required" }, true, [refused, open, refused, open]],
    // Its scopes are for the method: who is known may ask.
    [{ requirement: "required", scopes: ["write"] }, true, [refused, open, refused, open]],
    [{ requirement: "required" }, "anonymous", [open, open, open, open]],
    [{ requirement: "optional" }, true, [open, open, open, open]],
  ] as const)("%j, reflection: %s", async (auth, reflection, expected) => {
    expect(await codes(auth, reflection)).toEqual(expected);
  });
});

it.each([[undefined], [null], [ApiSchema], ["ledger/v1/errors.proto"]])("serves files only: not %s", (file) => {
  expect(() => createServer([bindProbe({})], { reflectionFiles: [file as never] })).toThrow(
    /reflectionFiles\[0\] is no/,
  );
});

import { generate } from "@accord-grpc/protoc-gen-accord";
import { create, createFileRegistry, type DescFile } from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import { readContract } from "../../plugin/src/contract.js";
import { outlineServices } from "../../plugin/src/scaffold/servicer-outline.js";
import { file_grpc_health_v1_health } from "../../runtime/src/gen/grpc/health/v1/health_pb.js";
import { file_grpc_reflection_v1_reflection } from "../../runtime/src/gen/grpc/reflection/v1/reflection_pb.js";
import { file_grpc_reflection_v1alpha_reflection } from "../../runtime/src/gen/grpc/reflection/v1alpha/reflection_pb.js";
import { readRequest } from "../golden/golden-case.js";

// Many repositories have copies of the protos that the runtime's servers answer by themselves.

const EVERYTHING =
  "target=ts,import_extension=js,artifacts=errors+servicer+client+codec+channel+server+service_config+k8s+docs";

const BUILT_IN = [
  file_grpc_health_v1_health,
  file_grpc_reflection_v1_reflection,
  file_grpc_reflection_v1alpha_reflection,
].map(({ proto }) => proto);

async function generated(...protoFile: FileDescriptorProto[]): Promise<Map<string, string>> {
  const own = protoFile.filter(({ name }) => !/^(google|accord)\//.test(name));
  const { response } = await generate(
    create(CodeGeneratorRequestSchema, {
      protoFile,
      fileToGenerate: own.map(({ name }) => name),
      parameter: EVERYTHING,
    }),
  );
  expect(response.error).toBe("");
  return new Map(response.file.map(({ name, content }) => [name, content]));
}

it.each(BUILT_IN.map((file) => [file.package, file] as const))(
  "of %s there is a client, and no server",
  async (_, file) => {
    const stem = file.name.replace(/\.proto$/, "");
    const folder = stem.replace(/\/\w+$/, "");
    expect([...(await generated(file)).keys()]).toEqual(
      [
        ...["channel.ts", "errors.ts", "service_config.json"].map((name) => `${folder}/${name}`),
        ...["_client.ts", "_codec.ts"].map((ending) => stem + ending),
      ].sort(),
    );
  },
);

it("in a run with a user's packages, those are generated as without them", async () => {
  const { protoFile } = readRequest("ledger");
  const alone = await generated(...protoFile);
  const together = await generated(...BUILT_IN, ...protoFile);
  expect(new Map([...together].filter(([path]) => !path.startsWith("grpc/")))).toEqual(alone);
  expect([...alone.keys()]).toEqual(expect.arrayContaining(["ledger/v1/server.ts", "ledger/v1/k8s/deployment.yaml"]));
});

const NEIGHBOUR = create(FileDescriptorProtoSchema, {
  name: "grpc/health/v1/more.proto",
  package: "grpc.health.v1",
  syntax: "proto3",
  dependency: [file_grpc_health_v1_health.proto.name],
  service: [
    {
      name: "MoreHealth",
      method: [
        {
          name: "Check",
          inputType: ".grpc.health.v1.HealthCheckRequest",
          outputType: ".grpc.health.v1.HealthCheckResponse",
        },
      ],
    },
  ],
});

it("a service of another name in such a package is served, and it alone", async () => {
  const files = await generated(file_grpc_health_v1_health.proto, NEIGHBOUR);
  expect([...files.keys()].filter((path) => path.endsWith("_servicer.ts"))).toEqual([
    "grpc/health/v1/more_servicer.ts",
  ]);
  const servicers = /export interface HealthV1Servicers \{[^}]*\}/.exec(
    files.get("grpc/health/v1/server.ts") ?? "",
  )?.[0];
  expect(servicers?.match(/readonly \w+/g)).toEqual(["readonly moreHealth"]);
  expect([...files.keys()].filter((path) => /\/docs\/\w+\.md$/.test(path) && !path.includes("grpc_load"))).toEqual([
    "grpc/health/v1/docs/MoreHealth.md",
  ]);
});

it("scaffold writes no class for them", () => {
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...BUILT_IN, NEIGHBOUR] }));
  const files: DescFile[] = [...registry.files];
  const { model } = readContract(files, new Set(files.map(({ proto }) => proto.name)));
  expect(model === undefined ? undefined : outlineServices(model).map(({ service }) => service)).toEqual([
    "grpc.health.v1.MoreHealth",
  ]);
});

import { create, createFileRegistry } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { readContract } from "../contract.js";
import { outlineServices } from "./servicer-outline.js";

function outlines(...services: string[]) {
  const file = create(FileDescriptorProtoSchema, {
    name: "shop/v1/shop.proto",
    package: "shop.v1",
    syntax: "proto3",
    messageType: [{ name: "Ask" }, { name: "Answer", nestedType: [{ name: "Part" }] }],
    service: services.map((name) => ({
      name,
      method: [
        { name: "GetIt", inputType: ".shop.v1.Ask", outputType: ".shop.v1.Answer.Part", serverStreaming: true },
        { name: "Constructor", inputType: ".shop.v1.Ask", outputType: ".shop.v1.Answer" },
      ],
    })),
  });
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] }));
  const { model } = readContract(registry.files, new Set([file.name]));
  return model === undefined ? [] : outlineServices(model);
}

describe("the outline of a service", () => {
  it("has all names", () => {
    expect(outlines("ShopService")).toMatchObject([
      {
        service: "shop.v1.ShopService",
        servicer: { name: "ShopServiceServicer", module: { kind: "generated", path: "shop/v1/shop_servicer" } },
        className: "ShopServicer",
        fileName: "shop-servicer.ts",
        packageDirectory: "shop/v1",
        methods: [
          {
            name: "getIt",
            rpc: "shop.v1.ShopService.GetIt",
            kind: "server_streaming",
            input: { name: "Ask", module: { kind: "generated", path: "shop/v1/shop_pb" }, typeOnly: true },
            outputSchema: { name: "Answer_PartSchema" },
          },
          { name: "constructor$", kind: "unary" },
        ],
      },
    ]);
  });

  it.each([
    ["HTTPProxyService", "HTTPProxyServicer", "http-proxy-servicer.ts"],
    ["OldV2Service", "OldV2Servicer", "old-v2-servicer.ts"],
    ["Service", "ServiceServicerImpl", "service-servicer-impl.ts"],
    ["Greeter", "GreeterServicerImpl", "greeter-servicer-impl.ts"],
    ["snake_case_service", "snake_case_serviceServicerImpl", "snake-case-service-servicer-impl.ts"],
  ])("of %s has a class that isn't called like the interface", (name, className, fileName) => {
    expect(outlines(name)).toMatchObject([{ className, fileName }]);
    expect(outlines(name)[0]?.servicer.name).not.toBe(className);
  });
});

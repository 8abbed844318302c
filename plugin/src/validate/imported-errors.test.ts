import * as accord from "@accord-grpc/runtime/accord/v1/options_pb";
import { create, setExtension } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  EnumOptionsSchema,
  EnumValueOptionsSchema,
  MethodOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import { generate } from "../plugin.js";

/** A service that raises an error of a catalogue that is only imported. */
function requestWith(spec: { readonly code?: string; readonly exception?: string }): CodeGeneratorRequest {
  const errors = create(EnumOptionsSchema);
  setExtension(errors, accord.errors, create(accord.ErrorCatalogSchema));
  const error = create(EnumValueOptionsSchema);
  setExtension(error, accord.error, create(accord.ErrorSpecSchema, { status: accord.Status.NOT_FOUND, ...spec }));
  const method = create(MethodOptionsSchema);
  const raises = ["common.v1.COMMON_ERROR_CODE_GONE"];
  setExtension(method, accord.method, create(accord.MethodContractSchema, { raises, call: { timeout: "5s" } }));
  return create(CodeGeneratorRequestSchema, {
    parameter: "target=ts,artifacts=errors+servicer+client+docs",
    fileToGenerate: ["shop/v1/shop.proto"],
    protoFile: [
      {
        name: "common/v1/errors.proto",
        package: "common.v1",
        syntax: "proto3",
        enumType: [
          {
            name: "CommonErrorCode",
            options: errors,
            value: [
              { name: "COMMON_ERROR_CODE_UNSPECIFIED", number: 0 },
              { name: "COMMON_ERROR_CODE_GONE", number: 1, options: error },
            ],
          },
        ],
      },
      {
        name: "shop/v1/shop.proto",
        package: "shop.v1",
        syntax: "proto3",
        dependency: ["common/v1/errors.proto"],
        messageType: [{ name: "Item" }],
        service: [
          {
            name: "ShopService",
            method: [{ name: "Buy", inputType: ".shop.v1.Item", outputType: ".shop.v1.Item", options: method }],
          },
        ],
      },
    ],
  });
}

// What is only imported isn't checked, but these become names in code that is generated here.
it.each([
  [{ exception: 'X } from "evil"; evil(); import { Y' }, "EXCEPTION_NAME_FORMAT"],
  [{ exception: "X\u2028evil()" }, "EXCEPTION_NAME_FORMAT"],
  [{ code: 'A"; evil(); "' }, "ERROR_CODE_FORMAT"],
  [{ code: "A*/evil()/*" }, "ERROR_CODE_FORMAT"],
])("an imported error that a method raises is refused if it isn't a name: %j", async (spec, rule) => {
  const { response } = await generate(requestWith(spec));
  expect(response.error).toContain(`common/v1/errors.proto:1:1: error ${rule}: `);
  expect(response.file).toEqual([]);
});

it("one that is a name is taken", async () => {
  const { response } = await generate(requestWith({ code: "GONE", exception: "GoneError" }));
  expect(response.error).toBe("");
  expect(response.file.length).toBeGreaterThan(0);
});

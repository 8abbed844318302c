import * as accord from "@accord-grpc/runtime/accord/v1/options_pb";
import { create, setExtension, toBinary } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  EnumOptionsSchema,
  EnumValueOptionsSchema,
  FileOptionsSchema,
  MethodOptionsSchema,
} from "@bufbuild/protobuf/wkt";

/** All that ends a line, steers a terminal, or turns the direction of text around: as the standards list it, not as we do. */
export const UNFIT =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** Every code point of Unicode that a protobuf string may hold, in texts of 4096. */
export const ALL_CODE_POINTS: readonly string[] = Array.from({ length: 0x110 }, (_, page) =>
  Array.from({ length: 0x1000 }, (_, index) => page * 0x1000 + index)
    .filter((codePoint) => codePoint < 0xd800 || codePoint > 0xdfff)
    .map((codePoint) => String.fromCodePoint(codePoint))
    .join(""),
).filter((text) => text !== "");

/** Where a request may say something in its user's own words. */
export interface Words {
  readonly comment: string;
  readonly license: string;
  readonly message: string;
  readonly docUrl: string;
  readonly scope: string;
}

/** A lawful contract but for its words: a service with a method that raises an error, with comments on all of them. */
export function requestWith(words: Partial<Words>, parameter: string): CodeGeneratorRequest {
  const { comment = "", license = "", message = "", docUrl = "", scope = "" } = words;
  const errors = create(EnumOptionsSchema);
  setExtension(errors, accord.errors, create(accord.ErrorCatalogSchema));
  const error = create(EnumValueOptionsSchema);
  const spec = { status: accord.Status.NOT_FOUND, message, docUrl };
  setExtension(error, accord.error, create(accord.ErrorSpecSchema, spec));
  const method = create(MethodOptionsSchema);
  const auth = scope === "" ? {} : { auth: { requirement: accord.AuthRequirement.REQUIRED, scopes: [scope] } };
  setExtension(
    method,
    accord.method,
    create(accord.MethodContractSchema, {
      raises: ["GONE"],
      call: { timeout: "5s", resend: { case: "retry", value: {} } },
      allow: [{ rule: "RETRY_UNSAFE", reason: "as good as any" }],
      ...auth,
    }),
  );
  const at = (path: number[]) => ({ path, span: [1, 1, 1], leadingComments: comment });
  return create(CodeGeneratorRequestSchema, {
    parameter,
    fileToGenerate: ["shop/v1/shop.proto"],
    protoFile: [
      {
        name: "shop/v1/shop.proto",
        package: "shop.v1",
        syntax: "proto3",
        options: create(FileOptionsSchema),
        messageType: [{ name: "Item" }],
        enumType: [
          {
            name: "ShopErrorCode",
            options: errors,
            value: [
              { name: "SHOP_ERROR_CODE_UNSPECIFIED", number: 0 },
              { name: "SHOP_ERROR_CODE_GONE", number: 1, options: error },
            ],
          },
        ],
        service: [
          {
            name: "ShopService",
            method: [{ name: "Buy", inputType: ".shop.v1.Item", outputType: ".shop.v1.Item", options: method }],
          },
        ],
        sourceCodeInfo: {
          location: [
            { path: [12], span: [1, 1, 1], leadingDetachedComments: [license], leadingComments: license },
            at([4, 0]),
            at([5, 0]),
            at([5, 0, 2, 1]),
            at([6, 0]),
            at([6, 0, 2, 0]),
          ],
        },
      },
    ],
  });
}

/** The same as a compiler's output. */
export function encoded(request: CodeGeneratorRequest): Uint8Array {
  return toBinary(CodeGeneratorRequestSchema, request);
}

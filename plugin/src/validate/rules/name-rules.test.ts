import { create, createFileRegistry } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import { readContract, renderDiagnostic } from "../../contract.js";

// Not cases of test/rejected: a disk that doesn't tell the files apart couldn't hold them.

function diagnosticsOf(...init: readonly { name: string; package: string }[]): string[] {
  const file = init.map((fields) =>
    create(FileDescriptorProtoSchema, { ...fields, syntax: "proto3", service: [{ name: "Service" }] }),
  );
  const { files } = createFileRegistry(create(FileDescriptorSetSchema, { file }));
  return readContract(files, new Set(file.map(({ name }) => name))).diagnostics.map(renderDiagnostic);
}

it("refuses files that differ only in upper and lower case", () => {
  const diagnostics = diagnosticsOf(
    { name: "v1/Ledger.proto", package: "a.v1" },
    { name: "v1/ledger.proto", package: "b.v1" },
    { name: "v1/other.proto", package: "c.v1" },
  );
  expect(diagnostics).toEqual([
    "v1/ledger.proto:1:1: error NAME_COLLISION: The files made of v1/ledger.proto and v1/Ledger.proto differ only in upper and lower case, and so are the same file on many disks: rename one, or leave it out, by the plugin's option `exclude`. https://github.com/accord-grpc/accord/blob/main/docs/rules.md#name_collision",
  ]);
});

it("refuses files that differ only in how a letter with an accent is encoded", () => {
  const diagnostics = diagnosticsOf(
    { name: "v1/caf\u00e9.proto", package: "a.v1" },
    { name: "v1/Cafe\u0301.proto", package: "b.v1" },
  );
  expect(diagnostics).toEqual([expect.stringContaining(" NAME_COLLISION: ")]);
});

it("refuses packages that differ only in upper and lower case", () => {
  const diagnostics = diagnosticsOf(
    { name: "a.proto", package: "shop.Till.v1" },
    { name: "b.proto", package: "shop.till.v1" },
    { name: "c.proto", package: "shop.Till" },
  );
  expect(diagnostics).toEqual([
    "b.proto:1:1: error NAME_COLLISION: The packages shop.till.v1 and shop.Till.v1 differ only in upper and lower case, and so share their folder on many disks: rename one. https://github.com/accord-grpc/accord/blob/main/docs/rules.md#name_collision",
  ]);
});

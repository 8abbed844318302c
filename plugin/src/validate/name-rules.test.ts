import { create, createFileRegistry } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import { readContract, renderDiagnostic } from "../contract.js";

// Not a case of test/rejected: a disk that doesn't tell the files apart couldn't hold it.
it("refuses files that differ only in upper and lower case", () => {
  const file = [
    { name: "v1/Ledger.proto", package: "a.v1" },
    { name: "v1/ledger.proto", package: "b.v1" },
    { name: "v1/other.proto", package: "c.v1" },
  ].map((init) => create(FileDescriptorProtoSchema, { ...init, syntax: "proto3", service: [{ name: "Service" }] }));
  const { files } = createFileRegistry(create(FileDescriptorSetSchema, { file }));
  const { model, diagnostics } = readContract(files, new Set(file.map(({ name }) => name)));
  expect(model).toBeUndefined();
  expect(diagnostics.map(renderDiagnostic)).toEqual([
    "v1/ledger.proto:1:1: error NAME_COLLISION: The files made of v1/ledger.proto and v1/Ledger.proto differ only in upper and lower case, and so are the same file on many disks: rename one, or leave it out, by the plugin's option `exclude`. https://github.com/accord-grpc/accord/blob/main/docs/rules.md#name_collision",
  ]);
});

import {
  ErrorCatalogSchema,
  ErrorSpecSchema,
  error,
  errors,
  FileContractSchema,
  file as fileContract,
  MethodContractSchema,
  method as methodContract,
  Status,
} from "@accord-grpc/runtime/accord/v1/options_pb";
import { create, setExtension } from "@bufbuild/protobuf";
import {
  EnumOptionsSchema,
  EnumValueOptionsSchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileOptionsSchema,
  file_google_protobuf_timestamp,
  MethodOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import fc from "fast-check";

/** How files of a package hang together: not at all, or each imports the one before it. */
export type Cohesion = "loose" | "chained";

// Prefixes of one another, none at all, and folders that are named as a package is, or as another one.
const PACKAGES = ["", "a", "a.b", "a.b.v1", "shop.v1"];
const FOLDERS = ["", "a", "a/b", "a/b/v1", "x"];

interface FilePlan {
  readonly pkg: string;
  readonly folder: string;
  /** Picks imports among the files before this one. */
  readonly imports: number;
  readonly services: number;
  readonly catalog: boolean;
  readonly settings: boolean;
}

/** Sets of proto files, each file after those that it imports: services, messages of each other, errors and settings. */
export function randomFiles(cohesion: Cohesion): fc.Arbitrary<FileDescriptorProto[]> {
  const plan: fc.Arbitrary<FilePlan> = fc.record({
    pkg: fc.constantFrom(...PACKAGES),
    folder: fc.constantFrom(...FOLDERS),
    imports: fc.nat(63),
    services: fc.nat(2),
    catalog: fc.boolean(),
    settings: fc.boolean(),
  });
  return fc.array(plan, { minLength: 2, maxLength: 6 }).map((plans) => filesOf(plans, cohesion));
}

function filesOf(plans: readonly FilePlan[], cohesion: Cohesion): FileDescriptorProto[] {
  // A run may be asked for a well-known type as for any other file.
  const files: FileDescriptorProto[] = [file_google_protobuf_timestamp.proto];
  const catalogs = new Map<string, string>();
  const settled = new Set<string>();
  for (const [index, plan] of plans.entries()) {
    const before = files.filter(({ package: pkg }) => cohesion === "chained" && pkg === plan.pkg).at(-1);
    const imports = files.filter((file, at) => file === before || ((plan.imports >> at) & 1) === 1);
    const file = create(FileDescriptorProtoSchema, {
      name: `${plan.folder === "" ? "" : `${plan.folder}/`}f${index}.proto`,
      package: plan.pkg,
      syntax: "proto3",
      dependency: imports.map(({ name }) => name),
    });
    addMessages(file, index, imports);
    if (plan.catalog && !catalogs.has(plan.pkg)) {
      catalogs.set(plan.pkg, file.name);
      addCatalog(file, index);
    }
    if (plan.settings && !settled.has(plan.pkg)) {
      settled.add(plan.pkg);
      file.options = create(FileOptionsSchema);
      setExtension(file.options, fileContract, create(FileContractSchema, { logPrefix: `log${index}` }));
    }
    const raises = [file, ...imports].find(({ name }) => catalogs.get(plan.pkg) === name) !== undefined;
    addServices(file, index, imports, plan.services, raises);
    files.push(file);
  }
  return files;
}

function typeName(file: FileDescriptorProto, name: string): string {
  return file.package === "" ? `.${name}` : `.${file.package}.${name}`;
}

function firstMessage(file: FileDescriptorProto): string {
  return typeName(file, file.messageType[0]?.name ?? "");
}

function addMessages(file: FileDescriptorProto, index: number, imports: readonly FileDescriptorProto[]): void {
  const own = `M${index}`;
  const types = [typeName(file, own), ...imports.map(firstMessage)];
  file.messageType = create(FileDescriptorProtoSchema, {
    messageType: [
      {
        name: own,
        field: types.map((type, at) => ({
          name: `f${at}`,
          jsonName: `f${at}`,
          number: at + 1,
          type: FieldDescriptorProto_Type.MESSAGE,
          label: at === 0 ? FieldDescriptorProto_Label.REPEATED : FieldDescriptorProto_Label.OPTIONAL,
          typeName: type,
        })),
      },
    ],
  }).messageType;
}

function addCatalog(file: FileDescriptorProto, index: number): void {
  const options = create(EnumOptionsSchema);
  setExtension(options, errors, create(ErrorCatalogSchema));
  const spec = create(EnumValueOptionsSchema);
  setExtension(spec, error, create(ErrorSpecSchema, { status: Status.NOT_FOUND }));
  file.enumType = create(FileDescriptorProtoSchema, {
    enumType: [
      {
        name: `Code${index}`,
        options,
        value: [
          { name: `CODE${index}_UNSPECIFIED`, number: 0 },
          { name: `CODE${index}_GONE`, number: 1, options: spec },
        ],
      },
    ],
  }).enumType;
}

function addServices(
  file: FileDescriptorProto,
  index: number,
  imports: readonly FileDescriptorProto[],
  count: number,
  raises: boolean,
): void {
  const options = create(MethodOptionsSchema);
  setExtension(
    options,
    methodContract,
    create(MethodContractSchema, { call: { timeout: "1s" }, raises: raises ? ["GONE"] : [] }),
  );
  const [own = ""] = [firstMessage(file)];
  const outputs = [own, ...imports.map(firstMessage)];
  file.service = create(FileDescriptorProtoSchema, {
    service: Array.from({ length: count }, (_, at) => ({
      name: `S${index}x${at}`,
      method: outputs.map((outputType, of) => ({ name: `Get${of}`, inputType: own, outputType, options })),
    })),
  }).service;
}

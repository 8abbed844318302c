import { generate } from "@accord-grpc/protoc-gen-accord";
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { requestFor } from "../corpus/google-protos.js";
import { isHostile } from "../corpus/hostile-protos.js";
import { protocGenEs } from "../corpus/protoc-gen-es.js";

/**
 * What both plugins generate with the same options, but for those that protoc-gen-es hasn't: path → content.
 *
 * @param start what starts protoc-gen-es, if it isn't the one that is here
 */
export async function bothPlugins(
  files: readonly FileDescriptorProto[],
  parameter: string,
  start?: readonly [string, ...string[]],
): Promise<Map<string, string>> {
  const own = files.filter(isHostile).map(({ name }) => name);
  const { response } = await generate(requestFor(files, own, parameter));
  if (response.error !== "") {
    throw new Error(response.error);
  }
  // All but the well-known types, which a library has.
  const names = files.map(({ name }) => name).filter((name) => !name.startsWith("google/protobuf/"));
  const request = requestFor(files, names, parameter.replace(/,(?:codec|artifacts)=[\w+]+/g, ""));
  return new Map([
    ...response.file.map(({ name, content }) => [name, content] as const),
    ...(await protocGenEs(request, start)),
  ]);
}

/** A program that prints which enums the golden case `ledger` logs: two by their names, and one by a number that has none. */
export function loggedEnums(extension: "js" | "ts"): string {
  return `
    import { create } from "@bufbuild/protobuf";
    import { TransferRequestSchema } from "./gen/ledger/v1/ledger_pb.${extension}";
    import { transferLogContext } from "./gen/ledger/v1/ledger_servicer.${extension}";
    const known = transferLogContext(create(TransferRequestSchema, { settlement: 2, transfer: { currency: 1 } }));
    const unknown = transferLogContext(create(TransferRequestSchema, { transfer: { currency: 99 } }));
    console.log(JSON.stringify([known.settlement, known.currency, unknown.currency]));`;
}

/** What {@link loggedEnums} prints. */
export const LOGGED_ENUMS = '["CURRENCY_CHF","CURRENCY_EUR",99]\n';

/** The files with services, without extension, and how many methods these have: what is called. */
export function calls(files: readonly FileDescriptorProto[]): { names: string[]; methods: number } {
  const withServices = files.filter((file) => isHostile(file) && file.service.length > 0);
  return {
    names: withServices.map(({ name }) => name.replace(/\.proto$/, "")),
    methods: withServices.flatMap((file) => file.service.flatMap(({ method }) => method)).length,
  };
}

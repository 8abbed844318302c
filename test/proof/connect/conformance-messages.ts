import { Buffer } from "node:buffer";
import { Metadata } from "@grpc/grpc-js";
import type { Header } from "../gen/connect/connectrpc/conformance/v1/service_pb.js";

/** Metadata of what the suite writes as headers: binary values are base64 there. */
export function toMetadata(headers: readonly Header[]): Metadata {
  const metadata = new Metadata();
  addHeaders(metadata, headers);
  return metadata;
}

/** Adds the suite's headers to metadata that there is. */
export function addHeaders(metadata: Metadata, headers: readonly Header[]): void {
  for (const { name, value } of headers) {
    for (const one of value) {
      metadata.add(name, /-bin$/i.test(name) ? Buffer.from(one, "base64") : one);
    }
  }
}

/** The suite's headers of metadata. */
export function fromMetadata(metadata: Metadata | undefined): { name: string; value: string[] }[] {
  return Object.keys(metadata?.getMap() ?? {}).map((name) => ({
    name,
    value: (metadata?.get(name) ?? []).map((value) =>
      typeof value === "string" ? value : value.toString("base64").replace(/=+$/, ""),
    ),
  }));
}

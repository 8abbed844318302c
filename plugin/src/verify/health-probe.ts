import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Answer } from "./answer.js";

/** Where a service's health is asked. */
export const HEALTH_PATH = "/grpc.health.v1.Health/Check";

const SERVING_STATUSES = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

/** A `grpc.health.v1.HealthCheckRequest`. Its two messages have a field each, so no generated code is needed. */
export function healthRequest(service: string): Uint8Array {
  return new BinaryWriter().tag(1, WireType.LengthDelimited).string(service).finish();
}

/** The status in a `grpc.health.v1.HealthCheckResponse`; undefined if it is none. */
export function servingStatus({ frames }: Answer): string | undefined {
  const [first] = frames;
  if (first === undefined || first.compressed) {
    return undefined;
  }
  try {
    const reader = new BinaryReader(first.bytes);
    let status = 0;
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      if (field === 1 && type === WireType.Varint) {
        status = reader.int32();
      } else {
        reader.skip(type, field);
      }
    }
    return SERVING_STATUSES[status];
  } catch {
    return undefined;
  }
}

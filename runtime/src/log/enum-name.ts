import type { DescEnum } from "@bufbuild/protobuf";
import { enumText } from "./scalar-text.js";

/**
 * An enum's value as logs have it: its name in the proto, or the number where the contract at hand has no name for it (an
 * open enum may hold any). `[REDACTED]` for values that are marked with `debug_redact`; undefined for what isn't there.
 */
export function enumName(desc: DescEnum, value: number | undefined): string | number | undefined {
  return value === undefined || desc.value[value] === undefined ? value : enumText(desc, value);
}

import type { OutgoingHttpHeaders } from "node:http2";
import type { Registry } from "@bufbuild/protobuf";
import type { ContractModel } from "../model/model.js";
import type { Target } from "./connection.js";
import type { Example } from "./example-file.js";
import type { VerifyMethod } from "./verify-method.js";

/** What is verified, and how. */
export interface VerifyOptions {
  readonly contract: ContractModel;
  /** The types that an Any in requests may have. */
  readonly registry: Registry;
  readonly target: Target;
  /** Sent with each call. */
  readonly metadata: OutgoingHttpHeaders;
  /** The longest deadline of a call. */
  readonly timeoutMs: number;
  /** Methods that are called although they may have side effects. */
  readonly called: ReadonlySet<VerifyMethod>;
  readonly methods: readonly VerifyMethod[];
  readonly examples: readonly Example[];
  /** Rules that aren't told of. */
  readonly ignored: ReadonlySet<string>;
  /** The process to end, to see how it drains. */
  readonly pid?: number | undefined;
  /** Whether services have to answer health checks. */
  readonly health: boolean;
}

import { Code } from "./gen/pluginrpc/v1/pluginrpc_pb.js";

export { Code };

/**
 * A procedure's failure that its caller is told of, as `pluginrpc.v1.Error`. Anything else that a procedure throws is told as
 * `CODE_INTERNAL`.
 */
export class PluginError extends Error {
  override readonly name = "PluginError";
  readonly code: Code;

  /** @param message for the person who runs buf: what is wrong, and what to do */
  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

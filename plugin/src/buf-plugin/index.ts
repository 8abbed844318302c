/**
 * For whoever writes a check plugin for buf in TypeScript: rules for `buf lint`, `buf breaking` and, through `buf lsp serve`, for
 * editors. It knows nothing of Accord.
 *
 * ```ts
 * const plugin = defineCheckPlugin({
 *   rules: [{ id: "ACME_SERVICE_SUFFIX", type: "lint", purpose: "Checks that services are called XxxService." }],
 *   *check({ files }) {
 *     for (const service of files.own.flatMap((file) => file.services)) {
 *       if (!service.name.endsWith("Service")) {
 *         yield { rule: "ACME_SERVICE_SUFFIX", at: service, message: `Call it ${service.name}Service.` };
 *       }
 *     }
 *   },
 * });
 * process.exitCode = await servePlugin(checkProcedures(plugin));
 * ```
 */
export { CheckOptions, type OptionValue } from "./check-options.js";
export {
  type CheckCategory,
  type CheckContext,
  type CheckedFiles,
  type CheckLocation,
  type CheckPlugin,
  type CheckRule,
  defineCheckPlugin,
  type Finding,
} from "./check-plugin.js";
export { checkProcedures } from "./check-service.js";
export { Code, PluginError } from "./plugin-error.js";
export { type PluginIo, processIo } from "./plugin-io.js";
export { type Procedure, pathOf, procedure } from "./procedure.js";
export { servePlugin } from "./serve-plugin.js";

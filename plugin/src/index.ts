/** The plugin as a library: a function from a request to a response, and what it is made of. */
export { type Contract, type Diagnostic, readContract, renderDiagnostic, type Severity } from "./contract.js";
export type * from "./model/model.js";
export { type Generated, generate } from "./plugin.js";
export type { OtherParts } from "./read/other-parts.js";
export type { ProtoSources } from "./read/source/proto-sources.js";
export type { RuleId } from "./validate/rules.js";
export { PLUGIN_NAME, VERSION } from "./version.js";

import type { CallCredentials } from "@grpc/grpc-js";
import { functionThat, listOf, type OptionRules, rule, withMethods } from "../options/option-rule.js";
import type { ClientOptions } from "./client-options.js";

// Those of another copy of grpc-js have the methods, too, and its channel takes them.
export const callCredentialsRule = withMethods<keyof CallCredentials>(
  "call credentials, such as bearerToken(…)",
  "generateMetadata",
  "compose",
);

export const metadataRule = rule("metadata: an object of texts, and of bytes under keys that end in -bin", (value) => {
  return typeof value === "object" && value !== null && !Array.isArray(value);
});

export const CLIENT_RULES: OptionRules<ClientOptions> = {
  defaultMetadata: metadataRule,
  metadataHooks: listOf("functions", functionThat()),
  credentials: callCredentialsRule,
  callInterceptors: listOf("functions", functionThat()),
  interceptors: listOf("interceptors of grpc-js", functionThat()),
  checks: rule("functions by the names of methods: { transfer: validateTransferRequest }", (value) => {
    return typeof value === "object" && value !== null && Object.values(value).every(isFunction);
  }),
};

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

import type { CallCredentials } from "@grpc/grpc-js";
import {
  flag,
  functionThat,
  listOf,
  type OptionRules,
  required,
  rule,
  time,
  unchecked,
  withMethods,
} from "../options/option-rule.js";
import type { BearerTokenOptions } from "./bearer-token.js";
import type { ClientOptions } from "./client-options.js";
import type { WatchLoadOptions } from "./watch-load.js";

// Those of another copy of grpc-js have the methods, too, and its channel takes them.
const callCredentials = withMethods<keyof CallCredentials>(
  "call credentials, such as bearerToken(…)",
  "generateMetadata",
  "compose",
);

const metadata = rule("metadata: an object of texts, and of bytes under keys that end in -bin", (value) => {
  return typeof value === "object" && value !== null && !Array.isArray(value);
});

export const CLIENT_RULES: OptionRules<ClientOptions> = {
  defaultMetadata: metadata,
  metadataHooks: listOf("functions", functionThat()),
  credentials: callCredentials,
  interceptors: listOf("interceptors of grpc-js", functionThat()),
};

export const BEARER_TOKEN_RULES: OptionRules<BearerTokenOptions> = {
  refreshAheadMs: time(),
  authTimeoutMs: time({ least: 1, forever: true }),
};

export const WATCH_LOAD_RULES: OptionRules<WatchLoadOptions> = {
  intervalMs: required(time({ least: 1 })),
  signal: rule("an AbortSignal", (value) => value instanceof AbortSignal),
  metadata,
  waitForReady: flag,
  credentials: callCredentials,
  // Whatever requests there are: it is looked at for each.
  compress: unchecked,
  onHeaders: functionThat(),
  onTrailers: functionThat(),
};

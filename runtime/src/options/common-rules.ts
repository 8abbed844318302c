import { rule, withMethods } from "./option-rule.js";
import { kindOf } from "./shown-value.js";

/** Something that log lines are given to. */
export const loggerRule = withMethods(
  "a logger, with the methods debug, info, warn and error",
  "debug",
  "info",
  "warn",
  "error",
);

/** Certificates and keys: what was given instead isn't shown, since it may be a key. */
export const pemRule = rule(
  "the path of a file, a URL of one, or PEM itself",
  (value) => (typeof value === "string" && value !== "") || value instanceof Uint8Array || value instanceof URL,
  (value) => (value === "" ? "an empty text" : kindOf(value)),
);

import { requireTimeout } from "../call/answer-within.js";
import { requireWindowBytes } from "../wire/receive-window.js";
import type { ServerOptions } from "./server-options.js";

/**
 * Looks at what of a server's options decides on who may call and what is told, before anybody relies on it: plain JavaScript, or
 * an environment variable, may have put anything there.
 *
 * @throws {TypeError} saying which option must be what
 */
export function requireServerOptions(options: ServerOptions): void {
  const { auth, authTimeoutMs, reflection, handlerInterceptors, initialWindowBytes } = options;
  if (auth !== undefined && typeof auth !== "function") {
    throw new TypeError(`auth must be a function that finds out who calls; it is ${kindOf(auth)}`);
  }
  if (authTimeoutMs !== undefined) {
    requireTimeout("authTimeoutMs", authTimeoutMs);
  }
  if (reflection !== undefined && typeof reflection !== "boolean" && reflection !== "anonymous") {
    throw new TypeError(`reflection must be true, false or "anonymous"; it is ${kindOf(reflection)}`);
  }
  requireFunctions("handlerInterceptors", handlerInterceptors);
  if (initialWindowBytes !== undefined) {
    requireWindowBytes("initialWindowBytes", initialWindowBytes);
  }
}

function requireFunctions(name: string, list: unknown): void {
  if (list === undefined) {
    return;
  }
  if (!Array.isArray(list)) {
    throw new TypeError(`${name} must be a list of functions; it is ${kindOf(list)}`);
  }
  const index = list.findIndex((each) => typeof each !== "function");
  if (index !== -1) {
    throw new TypeError(`${name}[${index}] must be a function; it is ${kindOf(list[index])}`);
  }
}

function kindOf(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : value === null ? "null" : `a ${typeof value}`;
}

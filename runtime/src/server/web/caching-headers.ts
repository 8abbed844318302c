import type { AnswerCaching } from "../../call/servicer-method.js";

/** What of a method decides whose its answers are, and for how long. */
export interface CachedMethod {
  readonly cache: AnswerCaching | undefined;
  /** How it is found out who calls; `undefined`: nobody asks. */
  readonly auth: object | undefined;
}

/** What caches are told of the answers of a method to GET. */
export interface CachingHeaders {
  /** Of answers that are the method's. */
  readonly control: string;
  /** What else than the address such an answer depends on. */
  readonly vary: readonly string[];
}

/** For answers that nobody may keep: those of errors, and of what no contract says. Some caches keep them for a while, if nothing is said. */
export const NOT_KEPT = { "cache-control": "no-store" };

/**
 * What caches are told of a method's answers.
 *
 * @param withCookies whether handlers see cookies
 */
export function cachingHeaders({ cache, auth }: CachedMethod, withCookies: boolean): CachingHeaders {
  return {
    control:
      cache === undefined
        ? NOT_KEPT["cache-control"]
        : `${cache.shared ? "public" : "private"}, max-age=${cache.maxAgeSeconds}`,
    // A browser outlives who is logged in: what one was answered isn't the next one's.
    vary: [...(auth === undefined ? [] : ["authorization"]), ...(withCookies ? ["cookie"] : [])],
  };
}

/**
 * Tells caches of an answer to GET: https://www.rfc-editor.org/rfc/rfc9111. What a handler has said itself stays, unless the call
 * has failed.
 */
export function tellCaches(header: Headers, isOk: boolean, { control, vary }: CachingHeaders): void {
  if (!isOk) {
    header.set("cache-control", NOT_KEPT["cache-control"]);
    return;
  }
  if (!header.has("cache-control")) {
    header.set("cache-control", control);
  }
  for (const name of vary) {
    header.append("vary", name);
  }
}

import type { CacheModel } from "../../model/model.js";
import { duration } from "./duration.js";

/** Who may keep answers, and for how long: `each caller's own cache, for 30 s`. */
export function cacheWords({ maxAgeSeconds, shared }: CacheModel): string {
  return `${shared ? "any cache" : "each caller's own cache"}, for ${duration(maxAgeSeconds * 1000)}`;
}

import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Where the runtime's entries are in its sources, for esbuild's `alias`: programs that are bundled from sources then have one copy of it,
 * though other packages stay outside.
 *
 * @param {string} folder the runtime's
 * @returns {Record<string, string>} `@accord-grpc/runtime/codec/v1` → its file
 */
export function runtimeSources(folder) {
  const { name, exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const entries = Object.entries(exports).filter(([, entry]) => typeof entry === "object");
  // esbuild takes the first that fits, and the bare name fits all.
  return Object.fromEntries(
    entries
      .map(([path, entry]) => [`${name}${path.slice(1)}`, join(folder, entry["@accord-grpc/source"])])
      .sort(([a], [b]) => b.length - a.length),
  );
}

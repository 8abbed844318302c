import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { sourcesBelow } from "../../../test/source-imports.js";
import { PRIVATE_NAMES, SEAM } from "./private-names.js";

const SRC = fileURLToPath(new URL("..", import.meta.url));

const sources = sourcesBelow(SRC)
  .filter((path) => !path.startsWith("gen/"))
  .map((path) => ({ path, source: readFileSync(join(SRC, path), "utf8") }));

/** The files, in these folders or in all others, in which something stands. */
function where(pattern: RegExp, except: readonly string[]): string[] {
  return sources
    .filter(({ path, source }) => !except.some((folder) => path.startsWith(folder)) && pattern.test(source))
    .map(({ path }) => path);
}

// Those that no interface has, of whatever object.
const UNMISTAKABLE = Object.values(PRIVATE_NAMES)
  .map(({ name }) => name.split(".").pop() ?? "")
  .filter(
    (name) =>
      !/^(?:attempts|call|child|createCall|credentials|cancelWithStatus|destroy|progress|session|transport)$/.test(
        name,
      ),
  )
  .filter(
    (name) =>
      !/^(?:parent|connectionOptions|sendMessageWithContext|decoder|getStatus|setHealthy|connect|Http2Session\[k\w+\])$/.test(
        name,
      ),
  );

describe("outside of this room", () => {
  it("nothing imports `experimental`, or a file of grpc-js's", () => {
    expect(where(/\bexperimental\b[^;]*from "@grpc\/grpc-js"/, ["grpc-js/"])).toEqual([]);
    expect(where(/"@grpc\/grpc-js\//, ["grpc-js/known-grpc-js.ts"])).toEqual([]);
  });

  it("nothing reaches into sessions and sockets, but the server and the probe into their own", () => {
    // In which order a connection ends is the same for both sides.
    const allowed = ["grpc-js/", "server/http2/", "server/web/", "probe/", "wire/end-after-streams.ts"];
    expect(where(/"node:http2"/, allowed)).toEqual([]);
    expect(where(/\.(?:socket|session)\b/, allowed)).toEqual([]);
    expect(
      // A mock breaks connections of its own.
      where(/"node:net"/, [...allowed, "server/listener.ts", "testing/mock/"]).filter((path) => {
        const { source = "" } = sources.find((each) => each.path === path) ?? {};
        return !/import \{ isIP \} from "node:net"/.test(source);
      }),
    ).toEqual([]);
  });

  it("nothing names what is private", () => {
    expect(UNMISTAKABLE.length).toBeGreaterThan(8);
    expect(
      where(new RegExp(`(?<![\\w-])(?:${UNMISTAKABLE.join("|")}|kHandle|kSocket|getRealSubchannel)\\b`), ["grpc-js/"]),
    ).toEqual([]);
  });

  it("nothing casts what it was given to something else, but methods and messages", () => {
    expect(where(/\bas unknown as\b/, ["grpc-js/"])).toEqual([
      "call/grpc-error-handler.ts",
      "call/grpc-logger.ts",
      "log/payload-field.ts",
      "validate/grpc-validator.ts",
      "testing/mock/mock-engine.ts",
    ]);
  });
});

describe("in this room", () => {
  it("casts stand beside the names", () => {
    const casting = where(/\bas unknown as\b/, []).filter((path) => path.startsWith("grpc-js/"));
    expect(casting).toEqual(["grpc-js/known-grpc-js.ts", "grpc-js/private-names.ts"]);
  });

  it("each name has a type, and says what is lost without it", () => {
    for (const { name, type, uses } of Object.values(PRIVATE_NAMES)) {
      expect([name, type.length > 0, uses.length > 0]).toEqual([name, true, true]);
    }
    const used = new Set(Object.values(PRIVATE_NAMES).flatMap(({ uses }): string[] => [...uses]));
    expect(Object.keys(SEAM).filter((use) => use !== "policies" && !used.has(use))).toEqual([]);
  });
});

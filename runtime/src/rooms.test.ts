import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { circleOf, importsBelow, type SourceImport, sourcesBelow } from "../../test/source-imports.js";

const SRC = fileURLToPath(new URL(".", import.meta.url));

// From the ground up: a room imports only from itself and from rooms before it.
const ROOMS = [
  ...["contract", "options", "gen", "wire", "codec", "errors", "log", "packages", "call", "validate", "grpc-js"],
  ...[
    "telemetry",
    "channel",
    "client",
    "web",
    "server/transport",
    "server/http2",
    "server/web",
    "server",
    "server/grpc-js",
    "in-process",
    "probe",
  ],
];

// What others import, and nothing in a room may.
const ENTRIES = ["codegen", "testing", ""];

/** The room that a file is in: its folder, or the nearest one above that is a room. */
function roomOf(path: string): string {
  const folder = path.split("/").slice(0, -1).join("/");
  return [...ROOMS, ...ENTRIES]
    .filter((room) => folder === room || room === "" || folder.startsWith(`${room}/`))
    .reduce((nearest, room) => (room.length > nearest.length ? room : nearest), "");
}

function isUpward({ from, to }: SourceImport): boolean {
  const below = ROOMS.indexOf(roomOf(to));
  const room = ROOMS.indexOf(roomOf(from));
  return room >= 0 && (below < 0 || below > room);
}

describe("the runtime's rooms", () => {
  const imports = importsBelow(SRC);

  it("are all there, and all that there is", () => {
    const folders = new Set(sourcesBelow(SRC).map(roomOf));
    expect([...folders].sort()).toEqual([...ROOMS, ...ENTRIES].sort());
    expect(sourcesBelow(SRC).filter((path) => !path.includes("/"))).toEqual(["google-rpc.ts", "index.ts"]);
  });

  it("import only from rooms before them, types included", () => {
    expect(imports.length).toBeGreaterThan(500);
    expect(imports.filter(isUpward)).toEqual([]);
  });

  it("have no circle of files", () => {
    expect(circleOf(imports)).toBeUndefined();
  });

  it("stand in CONTRIBUTING in this order", () => {
    const page = readFileSync(fileURLToPath(new URL("../../CONTRIBUTING.md", import.meta.url)), "utf8");
    const listed = [...page.matchAll(/^\| `([\w/.-]+)\/` \|/gm)].map(([, room]) => room);
    expect(listed).toEqual(ROOMS);
  });
});

describe("a circle of files", () => {
  const chain = [
    { from: "a.ts", to: "b.ts" },
    { from: "b.ts", to: "c.ts" },
  ];

  it("is found wherever it closes", () => {
    expect(circleOf(chain)).toBeUndefined();
    expect(circleOf([...chain, { from: "c.ts", to: "b.ts" }])).toEqual(["b.ts", "c.ts", "b.ts"]);
    expect(circleOf([...chain, { from: "a.ts", to: "c.ts" }])).toBeUndefined();
  });
});

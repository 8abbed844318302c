import { expect, it } from "vitest";
import { Dice, seedOf } from "./dice.js";
import { makeScript } from "./script.js";
import { HIDDEN, makeWebScript } from "./web-noise.js";

const scripts = (side: "server" | "client", seed: number) =>
  Array.from({ length: 60 }, (_, connection) => {
    const { first, frames, ...how } = makeScript(side, new Dice(seedOf(seed, connection)));
    return { ...how, bytes: Buffer.concat([first, ...frames]).toString("base64") };
  });

it.each(["server", "client"] as const)("a seed makes the same scripts again, and another one others: %s", (side) => {
  expect(scripts(side, 7)).toEqual(scripts(side, 7));
  expect(scripts(side, 8)).not.toEqual(scripts(side, 7));
});

it("some peers read nothing, some leave in the middle, and all kinds of segments are there", () => {
  const all = scripts("server", 1);
  for (const key of ["reads", "cut", "leave"] as const) {
    expect(new Set(all.map((script) => script[key])).size).toBe(key === "reads" ? 2 : 3);
  }
});

it("a peer of a server that speaks HTTP/1.1, too, does the same for the same dice, and each of its kinds soon", () => {
  const scriptOf = (seed: number) => makeWebScript(new Dice(seed));
  const begins = Array.from({ length: 200 }, (_, seed) => Buffer.concat(scriptOf(seed).frames).toString("latin1"));
  expect(begins).toEqual(
    Array.from({ length: 200 }, (_, seed) => Buffer.concat(scriptOf(seed).frames).toString("latin1")),
  );
  expect(begins.some((text) => text.startsWith("PRI * HTTP/2.0"))).toBe(true);
  expect(begins.some((text) => text.includes("transfer-encoding: chunked"))).toBe(true);
  expect(begins.some((text) => text.includes(HIDDEN))).toBe(true);
});

import { expect, it } from "vitest";
import { Dice, seedOf } from "./dice.js";
import { makeScript } from "./script.js";

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

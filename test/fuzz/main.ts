import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { FAULTS, showFault } from "./faults.js";
import { fuzz, TARGETS, type Target } from "./fuzz.js";
import { MAJORS, nodeBinary } from "./node-binary.js";

// See run.mjs.

const { values } = parseArgs({
  options: {
    node: { type: "string" },
    side: { type: "string" },
    seconds: { type: "string", default: "15" },
    seed: { type: "string" },
    without: { type: "string", default: "" },
    faults: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const own = process.versions.node.split(".")[0] ?? "";
const nodes = values.node === "all" ? MAJORS : (values.node ?? own).split(",");
const sides = (values.side?.split(",") ?? TARGETS) as Target[];
const without = values.without.split(",").filter((name) => name !== "");
const seed = Number(values.seed ?? randomInt(1, 2 ** 31));
let found = 0;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

for (const which of nodes) {
  let node: string;
  try {
    node = await nodeBinary(which);
  } catch (error) {
    say(`Node ${which}: left out. ${error instanceof Error ? error.message : error}`);
    // A run that was asked for all of them mustn't pass with some.
    found += process.env.CI === undefined ? 0 : 1;
    continue;
  }
  if (values.faults && without.length === 0) {
    for (const fault of FAULTS) {
      const { version, lines, isWrong } = await showFault(fault, node);
      found += isWrong ? 1 : 0;
      say(`${version}, ${fault.name}: ${lines}`);
    }
  }
  for (const side of sides) {
    const started = performance.now();
    const result = await fuzz({ node, side, seed, without, forMs: Number(values.seconds) * 1000 });
    const { connections, rssBytes, finding, scripts } = result;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const rss = Math.round(rssBytes / 2 ** 20);
    say(
      `Node ${which}, ${side}: ${finding ?? "nothing found"}. ${connections} connections in ${seconds} s, ${rss} MiB, seed ${seed}`,
    );
    if (finding !== undefined) {
      found += 1;
      for (const script of scripts) {
        say(`  ${script}`);
      }
      say(`The same again: npm run fuzz -- --node=${which} --side=${side} --seed=${seed} --seconds=${values.seconds}`);
    }
  }
}
process.exit(found > 0 ? 1 : 0);

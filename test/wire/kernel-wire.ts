import { execFileSync } from "node:child_process";

const HOLE_TABLE = "77";
const RULE = "rule";

/**
 * The wire of the kernel, in a network namespace of the rig's own: packets that are swallowed or dropped really are, and TCP sends
 * them again as it does. `run.mjs` makes the namespace where it may.
 */
export const kernelWire = {
  /** Whether the rig runs in a namespace of its own. */
  isThere: process.env.WIRE_NAMESPACE === "1",

  /** Makes the namespace ready: whatever is sent to the table of the hole is gone. */
  open(): void {
    ip(
      "link set lo up",
      // Nothing is at its bottom.
      "link add hole type veth peer name bottom",
      "link set bottom up",
      "link set hole arp off up",
      `route add default dev hole table ${HOLE_TABLE}`,
      // The rules of what is cut stand before what is local.
      `${RULE} add pref 100 lookup local`,
      `${RULE} del pref 0`,
    );
  },

  /** An address that nobody else has, for a server. */
  address(): string {
    addresses += 1;
    const address = `10.77.${Math.floor(addresses / 250)}.${(addresses % 250) + 1}`;
    ip(`addr add ${address}/32 dev lo`);
    return address;
  },

  /** From now on nothing reaches or leaves the addresses, and nobody is told. */
  cut(...cutOff: readonly string[]): void {
    ip(...cutOff.flatMap((address) => hole("add", address)));
  },

  mend(...cutOff: readonly string[]): void {
    ip(...cutOff.flatMap((address) => hole("del", address)));
  },

  /** Has all that is sent go through a queue that is so short that it drops packets. @returns its end */
  narrow(bytesPerSecond: number): () => void {
    ip("link set lo mtu 1500");
    tc(`qdisc add dev lo root tbf rate ${bytesPerSecond * 8} burst 3000 limit 15000`);
    return () => {
      tc("qdisc del dev lo root");
      ip("link set lo mtu 65536");
    };
  },
};

let addresses = 0;

function hole(change: "add" | "del", address: string): string[] {
  return ["to", "from"].map((way) => `${RULE} ${change} pref 10 ${way} ${address} lookup ${HOLE_TABLE}`);
}

function ip(...lines: readonly string[]): void {
  execFileSync("ip", ["-batch", "-"], { input: `${lines.join("\n")}\n` });
}

function tc(line: string): void {
  execFileSync("tc", line.split(" "));
}

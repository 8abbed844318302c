import { join } from "node:path";
import { installed } from "./peers.js";

/** Something else than Node that has a `node:http2`: gRPC's interoperability tests run on it, the whole suite doesn't. */
export interface OtherRuntime {
  readonly name: string;
  /** npm's package of its binary, of the version that is tried. */
  readonly package: string;
  readonly binary: string;
  /** What stands between the binary and the program. */
  readonly args: readonly string[];
}

export const OTHER_RUNTIMES: readonly OtherRuntime[] = [
  { name: "Deno", package: "deno@2.9", binary: "deno", args: ["run", "--allow-all", "--node-modules-dir=manual"] },
];

/** The command that runs a program on it. @throws {Error} if npm has no binary of it for this machine */
export async function commandOf({ package: wanted, binary, args }: OtherRuntime): Promise<readonly string[]> {
  return [join(await installed(wanted, [wanted]), ".bin", binary), ...args];
}

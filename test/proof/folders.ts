import { homedir } from "node:os";
import { join } from "node:path";

/** The repository. The programs are bundled into `test/proof/build`. */
export const ROOT = join(import.meta.dirname, "../../..");

/** `test/proof` */
export const PROOF = join(ROOT, "test/proof");

/** Bundled programs, copied protos, generated code: made anew by each run. */
export const BUILD = join(PROOF, "build");

/** Generated code, which the programs import. */
export const GEN = join(PROOF, "gen");

/** What is downloaded or compiled, under names that have its version. It outlives the checkout. */
export const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "accord-proof");

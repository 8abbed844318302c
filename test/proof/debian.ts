import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { need } from "./command.js";
import { CACHE } from "./folders.js";

const MIRROR = "http://deb.debian.org/debian";
const KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
 * Unpacks packages of a Debian release beside the system, unless they are in the cache: nothing is installed, and nobody need be root.
 *
 * @returns the folder that stands for `/` in them
 * @throws {NotRun} without apt, or if they can't be had
 */
export async function debianPackages(release: string, names: readonly string[]): Promise<string> {
  const folder = join(CACHE, `debian-${release}`, names.join("+"));
  const root = join(folder, "root");
  if (!existsSync(join(folder, "complete"))) {
    process.stderr.write(`Unpacking ${names.join(", ")} of Debian ${release} …\n`);
    const apt = join(folder, "apt");
    for (const path of ["etc", "lists/partial", "cache/archives/partial", "packages"]) {
      mkdirSync(join(apt, path), { recursive: true });
    }
    writeFileSync(join(apt, "etc/sources.list"), `deb [signed-by=${KEYS}] ${MIRROR} ${release} main\n`);
    writeFileSync(join(apt, "status"), "");
    const options = [
      `Dir::Etc::sourcelist=${join(apt, "etc/sources.list")}`,
      "Dir::Etc::sourceparts=-",
      `Dir::State::lists=${join(apt, "lists")}`,
      `Dir::State::status=${join(apt, "status")}`,
      `Dir::Cache=${join(apt, "cache")}`,
      // An own process may not write where apt's own user would read.
      "APT::Sandbox::User=",
    ].flatMap((option) => ["-o", option]);
    await need(`Reading Debian ${release}'s list`, "apt-get", [...options, "update", "-qq"]);
    const packages = join(apt, "packages");
    await need(`Downloading ${names}`, "apt-get", [...options, "download", "-qq", ...names], { cwd: packages });
    for (const file of readdirSync(packages)) {
      await need(`Unpacking ${file}`, "dpkg", ["-x", join(packages, file), root]);
    }
    mkdirSync(join(folder, "complete"));
  }
  return root;
}

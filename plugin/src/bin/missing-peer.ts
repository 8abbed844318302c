import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

const PEER = "@bufbuild/protovalidate";

/** A generated file. */
interface OutputFile {
  readonly name?: string | undefined;
  readonly content?: string | undefined;
}

/**
 * What is to be said if generated code needs a package that isn't installed: protovalidate itself, for messages with rules in CEL.
 *
 * @param folder where the plugin runs: the package is looked for there and above, as Node would
 */
export function missingPeer(files: readonly OutputFile[], folder: string): readonly string[] {
  const importers = files.filter(({ content = "" }) => content.includes(`from "${PEER}"`));
  const [first] = importers;
  if (first === undefined || isInstalled(folder)) {
    return [];
  }
  const others = importers.length === 1 ? "" : ` (and ${importers.length - 1} more)`;
  return [
    `${first.name}${others}: warning: messages with rules in CEL, or with predefined ones, are checked by ${PEER}, which isn't installed: npm install ${PEER}`,
  ];
}

function isInstalled(folder: string): boolean {
  const above = dirname(folder);
  return existsSync(join(folder, "node_modules", PEER, "package.json")) || (above !== folder && isInstalled(above));
}

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { builtInFolder } from "../../templates/template-folder.js";
import { PLUGIN_NAME, VERSION } from "../../version.js";
import type { PlannedChange } from "./planned-change.js";
import type { Project } from "./project.js";

/** The path of the contract language, as proto files import it. */
export const LANGUAGE_FILE = "accord/v1/options.proto";

/**
 * The contract language, as a file among the user's protos: there buf finds it in every version of the repository, which it
 * can't in `node_modules`.
 */
export function planLanguage(project: Project): PlannedChange {
  const path = project.protoFolder === "." ? LANGUAGE_FILE : `${project.protoFolder}/${LANGUAGE_FILE}`;
  return { path, before: project.read(path), after: `${HEADER}${languageText()}` };
}

const HEADER = `// From @accord-grpc/${PLUGIN_NAME} ${VERSION}. Don't change it: \`accord init\` writes it anew after an upgrade.

`;

function languageText(): string {
  return readFileSync(join(dirname(builtInFolder()), "proto", LANGUAGE_FILE), "utf8");
}

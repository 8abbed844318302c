import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readRegularFile } from "../bounded-input.js";
import { messageOf } from "../thrown-message.js";
import { TemplateError } from "./template-error.js";

/** A folder of templates, named after the artifact that they make. */
export type TemplateKind = "k8s" | "docs";

/** A template as it was read. */
export interface TemplateSource {
  /** What it makes, without `.hbs`: `deployment.yaml`. The name of a partial starts with `_`: `_labels.yaml`. */
  readonly name: string;
  /** Where it is, as it is shown in messages: built-in templates by `templates/…`, a user's as the user named them. */
  readonly file: string;
  readonly text: string;
}

const EXTENSION = ".hbs";
const KINDS: readonly TemplateKind[] = ["k8s", "docs"];
// Other commands read these from the same folder.
const OTHER_FOLDERS: readonly string[] = ["scaffold"];

/**
 * Reads the templates of an artifact, sorted by name. A user's template replaces the built-in one of the same name;
 * one with a new name is added.
 *
 * @param userFolder the folder that the plugin option `templates` names, with `k8s/` or `docs/` in it
 * @throws TemplateError if a folder or a template in it can't be read, or the user's folder holds nothing of the kind
 */
export function readTemplates(kind: TemplateKind, userFolder?: string): readonly TemplateSource[] {
  const sources = new Map(
    readFolder(join(builtInFolder(), kind), `templates/${kind}`).map((source) => [source.name, source]),
  );
  if (userFolder !== undefined) {
    checkUserFolder(userFolder);
    const folder = join(userFolder, kind);
    for (const source of existsSync(folder) ? readFolder(folder, folder) : []) {
      sources.set(source.name, source);
    }
    checkExtensions(folder, [...sources.keys()]);
  }
  return [...sources.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The folder of the templates that come with the plugin: in a checkout the one beside `plugin/`, in an installed package
 * the one in it.
 *
 * @throws TemplateError if the package is incomplete
 */
export function builtInFolder(): string {
  // In the CommonJS bundle there is no `import.meta`, and in ES modules no `__dirname`.
  const here = typeof __dirname === "string" ? __dirname : dirname(fileURLToPath(import.meta.url));
  const root = packageRoot(here);
  const candidates = [join(root, "..", "templates"), join(root, "templates")];
  const found = candidates.find((folder) => KINDS.every((kind) => existsSync(join(folder, kind))));
  if (found === undefined) {
    throw new TemplateError(`The templates that belong to ${root} are missing: install the package again.`);
  }
  return found;
}

/** The nearest folder around `from` whose package.json is this package's. */
function packageRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    // dist/ has package.json files of its own, without a name.
    if (existsSync(manifest) && readFileSync(manifest, "utf8").includes('"@accord-grpc/protoc-gen-accord"')) {
      return folder;
    }
    if (dirname(folder) === folder) {
      throw new TemplateError(`There is no package @accord-grpc/protoc-gen-accord around ${from}.`);
    }
  }
}

function checkUserFolder(folder: string): void {
  const entries = list(folder, folder);
  const known = [...KINDS, ...OTHER_FOLDERS];
  if (!known.some((kind) => entries.includes(kind))) {
    throw new TemplateError(
      `${folder}: error TEMPLATE: the plugin option "templates" names this folder, but there is no ${KINDS.join("/ and no ")}/ in it. ` +
        `A template of yours replaces the built-in one of the same path: ${folder}/k8s/deployment.yaml${EXTENSION}.`,
    );
  }
}

/** What lacks the extension isn't read, and the built-in one would go on in its place without a word. */
function checkExtensions(folder: string, templates: readonly string[]): void {
  const meant = (existsSync(folder) ? list(folder, folder) : []).find((name) => templates.includes(name));
  if (meant !== undefined) {
    throw new TemplateError(
      `${folder}/${meant}: error TEMPLATE: a template's name ends in ${EXTENSION}: call it ${meant}${EXTENSION}, or move it out of the folder.`,
    );
  }
}

function readFolder(folder: string, shown: string): readonly TemplateSource[] {
  return list(folder, shown)
    .filter((name) => name.endsWith(EXTENSION))
    .map((name) => ({
      name: name.slice(0, -EXTENSION.length),
      file: `${shown}/${name}`,
      // A template saved on Windows makes the same bytes.
      text: attempt(`${shown}/${name}`, () => readRegularFile(join(folder, name)).toString("utf8")).replace(
        /\r\n?/g,
        "\n",
      ),
    }));
}

function list(folder: string, shown: string): readonly string[] {
  return attempt(shown, () => readdirSync(folder)).sort();
}

function attempt<Value>(shown: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    const reason = messageOf(error);
    throw new TemplateError(`${shown}: error TEMPLATE: it can't be read: ${reason}`, { cause: error });
  }
}

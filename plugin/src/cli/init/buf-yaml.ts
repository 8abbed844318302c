import { YAMLMap } from "yaml";
import { PLUGIN_NAME } from "../../version.js";
import { isInstalled } from "./buf-modules.js";
import { leftAlone, type PlannedChange } from "./planned-change.js";
import type { Project } from "./project.js";
import { isFlow, lineEnd, lineStart, listUnder, mappingsUnder, parseMapping, rangeOf, textUnder } from "./yaml-text.js";

const NEW = (folder: string, checkPlugin: string): string => `version: v2
modules:
  - path: ${folder}
lint:
  use:
    - STANDARD
    - ACCORD
breaking:
  use:
    - FILE
    - ACCORD
plugins:
  - plugin: ${checkPlugin}
`;

const CHECK_PLUGIN = "buf-plugin-accord";
const IN_PACKAGE = `node_modules/@accord-grpc/${PLUGIN_NAME}/bin/${CHECK_PLUGIN}`;

/**
 * How buf finds the check plugin: by its path in the package where that is installed here, so that editors find it too, and no Node
 * is started for what is always answered the same; by its name in a workspace whose root has it, or before it is installed: `npx` and
 * scripts have it on the PATH. Plug'n'Play has neither.
 */
function checkPluginOf(project: Project): string {
  if (project.read(IN_PACKAGE) !== undefined) {
    return IN_PACKAGE;
  }
  return project.plugAndPlay ? `[yarn, run, ${CHECK_PLUGIN}]` : CHECK_PLUGIN;
}

/** Whether buf runs the check plugin here: a buf.yaml that is written has it, and one that was there may. */
export function usesCheckPlugin(project: Project): boolean {
  const after = planBufYaml(project)?.after ?? "";
  const plugins = mappingsUnder(parseMapping(after) ?? new YAMLMap(), "plugins");
  return plugins.some((plugin) => textUnder(plugin, "plugin")?.includes(CHECK_PLUGIN) === true);
}

/** Makes the user's protos a module that buf can build from any version of the repository. */
export function planBufYaml(project: Project): PlannedChange | undefined {
  const path = "buf.yaml";
  const text = project.read(path);
  if (text === undefined) {
    // Older layouts have a buf.yaml in each module.
    return project.read("buf.work.yaml") === undefined && project.read(`${project.protoFolder}/${path}`) === undefined
      ? { path, before: undefined, after: NEW(project.protoFolder, checkPluginOf(project)) }
      : undefined;
  }
  const mapping = parseMapping(text);
  if (mapping === undefined) {
    return leftAlone(
      path,
      text,
      "isn't understood: see that its modules hold your protos, and nothing in node_modules.",
    );
  }
  const installed = mappingsUnder(mapping, "modules").filter((module) => isInstalled(textUnder(module, "path") ?? ""));
  if (installed.length === 0) {
    return { path, before: text, after: text };
  }
  const list = listUnder(mapping, "modules");
  return list === undefined || isFlow(list)
    ? leftAlone(path, text, "has a module in node_modules, which no other version of the repository has: remove it.")
    : { path, before: text, after: installed.reduceRight(withoutItem, text) };
}

function withoutItem(text: string, item: YAMLMap): string {
  const range = rangeOf(item);
  if (range === undefined) {
    return text;
  }
  const start = lineStart(text, range.start);
  // A block mapping's range may go on to the next item's line.
  const end = lineEnd(text, range.start + text.slice(range.start, range.end).trimEnd().length);
  return text.slice(0, start) + text.slice(end + 1);
}

import { byModule, importDeclaration } from "./import-insertions.js";
import { freshNames, localNameOf } from "./local-names.js";
import type { ModuleName } from "./message-names.js";
import { namesForServicer, viewMethod } from "./method-view.js";
import type { ScaffoldTemplates } from "./scaffold-templates.js";
import type { ServicerOutline } from "./servicer-outline.js";
import { DEFAULT_STYLE } from "./source-style.js";

/**
 * Renders the first version of a servicer's file.
 *
 * @param spell how the file spells a module
 * @throws TemplateError see `loadTemplates`
 */
export function newServicer(
  outline: ServicerOutline,
  templates: ScaffoldTemplates,
  spell: (module: ModuleName) => string,
): string {
  const style = DEFAULT_STYLE;
  const names = freshNames(namesForServicer(outline), [outline.className]);
  const imports = byModule(names)
    .map(([module, imported]) => ({ specifier: spell(module), names: imported }))
    .sort((a, b) => importRank(a.specifier) - importRank(b.specifier) || (a.specifier < b.specifier ? -1 : 1));
  return templates.servicer({
    service: outline.service,
    className: outline.className,
    servicer: localNameOf(names, outline.servicer),
    imports: imports.map((module) => importDeclaration(module, style)),
    methods: outline.methods.map((method) => viewMethod(method, names, style, style.indent.length)),
  });
}

/** Packages come before one's own files. */
function importRank(specifier: string): number {
  return specifier.startsWith(".") ? 1 : 0;
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { readRegularFile } from "../bounded-input.js";
import { loadTemplateEngine } from "../templates/template-engine.js";
import { TemplateError } from "../templates/template-error.js";
import { builtInFolder, type TemplateSource } from "../templates/template-folder.js";
import { messageOf } from "../thrown-message.js";
import type { MethodView } from "./method-view.js";

/** What `servicer.ts.hbs` renders: a whole file. `_method.ts.hbs` is its partial, `{{> method}}`. */
export interface ServicerView {
  /** `ledger.v1.LedgerService` */
  readonly service: string;
  readonly className: string;
  /** The generated interface, as the file calls it. */
  readonly servicer: string;
  /** Whole import declarations. */
  readonly imports: readonly string[];
  readonly methods: readonly MethodView[];
}

/**
 * The scaffold's templates. What they render has LF line ends and two blanks for each level of indentation.
 *
 * Both functions throw a TemplateError with the place in the template, if it reads what the view doesn't have.
 */
export interface ScaffoldTemplates {
  servicer(view: ServicerView): string;
  method(view: MethodView): string;
}

/**
 * Loads the scaffold's templates, and Handlebars with them.
 *
 * @param userFolder the user's own, with `scaffold/servicer.ts.hbs` or `scaffold/_method.ts.hbs` or both in it
 * @throws TemplateError if there is neither in it, or one can't be read or parsed
 */
export async function loadTemplates(userFolder?: string): Promise<ScaffoldTemplates> {
  const builtIn = join(builtInFolder(), "scaffold");
  const own = userFolder === undefined ? undefined : join(userFolder, "scaffold");
  if (own !== undefined && ![SERVICER, METHOD].some((name) => existsSync(join(own, `${name}.hbs`)))) {
    throw new TemplateError(
      `${own}: error TEMPLATE: neither ${SERVICER}.hbs nor ${METHOD}.hbs is in it. One of them there replaces the built-in one.`,
    );
  }
  const read = (name: string) =>
    own !== undefined && existsSync(join(own, `${name}.hbs`))
      ? readTemplate(own, own, name)
      : readTemplate(builtIn, "templates/scaffold", name);
  const engine = await loadTemplateEngine();
  const partial = read(METHOD);
  const [servicer] = engine.compile([partial, read(SERVICER)]);
  // A later run renders the methods alone: the same text, as a template of its own.
  const [method] = engine.compile([{ ...partial, name: METHOD.slice(1) }]);
  return {
    servicer: (view) => servicer?.render(view) ?? "",
    method: (view) => method?.render(view) ?? "",
  };
}

const SERVICER = "servicer.ts";
const METHOD = "_method.ts";

function readTemplate(folder: string, shown: string, name: string): TemplateSource {
  const file = `${shown}/${name}.hbs`;
  try {
    return {
      name,
      file,
      text: readRegularFile(join(folder, `${name}.hbs`))
        .toString("utf8")
        .replace(/\r\n?/g, "\n"),
    };
  } catch (error) {
    const reason = messageOf(error);
    throw new TemplateError(`${file}: error TEMPLATE: it can't be read: ${reason}`, { cause: error });
  }
}

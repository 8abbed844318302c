import { lineText } from "@accord-grpc/runtime/contract";
import type Handlebars from "handlebars";
import { messageOf } from "../thrown-message.js";
import { TemplateError, type TemplatePlace, templateErrorAt } from "./template-error.js";
import type { TemplateSource } from "./template-folder.js";

/** A compiled template. */
export interface Template {
  /** What it makes: `deployment.yaml`. */
  readonly name: string;
  /**
   * Renders a view: a plain object. Line ends are `\n`, and text that isn't empty ends with one.
   *
   * @throws TemplateError with the place in the template, if it reads what the view doesn't have
   */
  render(view: object): string;
}

/** A function that a template calls by its name: `{{json name}}`. */
export type TemplateHelper = (value: unknown) => string;

/** Compiles templates. */
export interface TemplateEngine {
  /**
   * Compiles the templates of one artifact. Those whose name starts with `_` are partials: `_labels.yaml` is
   * `{{> labels}}`, and isn't in the result.
   *
   * Output isn't escaped: each value goes through a helper that knows the format. `json` is always there; its result is
   * also a YAML scalar or flow collection.
   *
   * @throws TemplateError with the place of what can't be parsed
   */
  compile(sources: readonly TemplateSource[], helpers?: Readonly<Record<string, TemplateHelper>>): readonly Template[];
}

/** Loads Handlebars. It takes a while, so only who renders a template does. */
export async function loadTemplateEngine(): Promise<TemplateEngine> {
  const { default: handlebars } = await import("handlebars");
  return { compile: (sources, helpers = {}) => compileAll(handlebars.create(), sources, helpers) };
}

type Environment = typeof Handlebars;

// `{{$at line column template}}`, put before each statement of a template, keeps where it is. Handlebars itself gives a place
// for some failures only.
const AT = "$at";

function compileAll(
  environment: Environment,
  sources: readonly TemplateSource[],
  helpers: Readonly<Record<string, TemplateHelper>>,
): readonly Template[] {
  let place: TemplatePlace | undefined;
  environment.registerHelper(AT, (line: number, column: number, template: number) => {
    place = { file: sources[template]?.file ?? "", line, column };
    return "";
  });
  registerHelpers(environment, { json, ...helpers });
  const templates: Template[] = [];
  for (const [index, source] of sources.entries()) {
    const program = parse(environment, source);
    markPlaces(environment, program, index);
    const render = environment.compile<object>(program, { noEscape: true, strict: true });
    if (source.name.startsWith("_")) {
      environment.registerPartial(partialName(source.name), render);
      continue;
    }
    templates.push({
      name: source.name,
      render(view) {
        place = { file: source.file, line: 1 };
        try {
          return tidyEnd(render(view));
        } catch (error) {
          throw error instanceof TemplateError ? error : templateErrorAt(place, plainReason(error), error);
        }
      },
    });
  }
  return templates;
}

function registerHelpers(environment: Environment, helpers: Readonly<Record<string, TemplateHelper>>): void {
  for (const [name, helper] of Object.entries(helpers)) {
    environment.registerHelper(name, (...values: unknown[]) => {
      // The last argument is Handlebars' own.
      if (values.length !== 2 || values[0] === undefined) {
        throw new Error(
          `"${name}" was given ${values.length === 2 ? "something that isn't defined" : `${values.length - 1} values instead of one`}.`,
        );
      }
      return helper(values[0]);
    });
  }
  // Handlebars takes a list that isn't there for an empty one, and so hides each misspelt name.
  const each = environment.helpers.each;
  environment.registerHelper("each", function (this: unknown, list: unknown, ...rest: unknown[]) {
    if (list === undefined) {
      throw new Error('"each" was given something that isn\'t defined.');
    }
    return each?.call(this, list, ...rest);
  });
}

/** YAML takes more characters for the end of a line than JSON, and JSON leaves more raw than a reader sees. */
function json(value: unknown): string {
  return lineText(JSON.stringify(value));
}

function parse(environment: Environment, source: TemplateSource): hbs.AST.Program {
  try {
    return environment.parse(source.text);
  } catch (error) {
    const reason = messageOf(error);
    // "Parse error on line 2:" with the excerpt and what was expected, or "… doesn't match … - 2:3".
    const [, line = "1"] = /on line (\d+)|- (\d+):\d+$/.exec(reason)?.filter((group) => group !== undefined) ?? [];
    const detail = reason.replace(/^Parse error on line \d+:\n/, "").replace(/ - \d+:\d+$/, "");
    throw templateErrorAt({ file: source.file, line: Number(line) }, `it can't be parsed: ${detail}`, error);
  }
}

const EVALUATED = new Set(["MustacheStatement", "BlockStatement", "PartialStatement", "PartialBlockStatement"]);

/** Puts `{{$at …}}` before each statement that can fail. White space around it was dealt with when it was parsed. */
function markPlaces(environment: Environment, program: hbs.AST.Program, template: number): void {
  program.body = program.body.flatMap((statement) => {
    if (!EVALUATED.has(statement.type)) {
      return [statement];
    }
    for (const inner of [innerProgram(statement, "program"), innerProgram(statement, "inverse")]) {
      if (inner !== undefined) {
        markPlaces(environment, inner, template);
      }
    }
    const { line, column } = statement.loc.start;
    return [...environment.parse(`{{${AT} ${line} ${column + 1} ${template}}}`).body, statement];
  });
}

function innerProgram(statement: hbs.AST.Statement, key: "program" | "inverse"): hbs.AST.Program | undefined {
  return (statement as Partial<hbs.AST.BlockStatement>)[key];
}

/** `_labels.yaml` → `labels` */
function partialName(name: string): string {
  return name.slice(1).replace(/\..*$/, "");
}

/** What Handlebars says, without its own idea of the place, and with what to do where it is known. */
function plainReason(error: unknown): string {
  const reason = messageOf(error).replace(/ - \d+:\d+$/, "");
  const [, ofNothing] = /^Cannot read properties of \w+ \(reading '(.+)'\)$/.exec(reason) ?? [];
  if (ofNothing !== undefined) {
    return `"${ofNothing}" is read of something that isn't defined.`;
  }
  const [, ofValue] = /^Cannot use 'in' operator to search for '(.+?)' in /.exec(reason) ?? [];
  if (ofValue !== undefined) {
    return `"${ofValue}" is read of a plain value, which has no parts.`;
  }
  const [, name] = /^"(.+)" not defined in /.exec(reason) ?? [];
  return name === undefined
    ? reason
    : `there is no "${name}" here, neither a value nor a helper. The built-in templates show what there is.`;
}

function tidyEnd(text: string): string {
  const trimmed = text
    .replace(/\r\n?/g, "\n")
    .replace(/[ \t]+$/gm, "")
    .trim();
  return trimmed === "" ? "" : `${trimmed}\n`;
}

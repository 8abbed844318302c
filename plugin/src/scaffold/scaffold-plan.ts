import { join, relative, sep } from "node:path";
import { completeServicer, InsertionError } from "./complete-servicer.js";
import { newServicer } from "./new-servicer.js";
import { classesImplementing, classesNamed, type ServicerClass, servicerObject } from "./servicer-class.js";
import type { MethodOutline, ServicerOutline } from "./servicer-outline.js";
import type { StaleMethod } from "./stale-methods.js";
import { parseTypeScript, placeOf, type SourcePlace, type TypeScriptSource } from "./typescript-source.js";
import { checkWritable, UserFileError } from "./user-files.js";
import { type PlannedWrite, type ScaffoldOptions, spellModule, UserWorkspace } from "./user-workspace.js";

/** What is to happen for one service. */
export type ServicerPlan = { readonly outline: ServicerOutline } & (
  | { readonly kind: "create"; readonly path: string }
  | {
      readonly kind: "complete";
      readonly path: string;
      readonly className: string;
      /** Methods to insert; none for a class that has them all. */
      readonly missing: readonly MethodOutline[];
      readonly stale: readonly StaleMethod[];
    }
  | {
      /** Methods are missing that something may declare which can't be read. */
      readonly kind: "unseen";
      readonly path: string;
      readonly place: SourcePlace;
      readonly className: string;
      readonly missing: readonly MethodOutline[];
      readonly stale: readonly StaleMethod[];
      readonly unseen: string;
    }
  | {
      /** An object implements the service. */ readonly kind: "object";
      readonly path: string;
      readonly place: SourcePlace;
    }
  | { readonly kind: "refuse"; readonly path: string; readonly place: SourcePlace | undefined; readonly reason: string }
);

/** What a scaffold would do. Nothing is written yet. */
export interface ScaffoldPlan {
  readonly services: readonly ServicerPlan[];
  /** The files to write, with their new contents. */
  readonly writes: readonly PlannedWrite[];
}

/**
 * Plans a scaffold: finds each service's class in the user's folder, or the place of a new file, and works out what is
 * missing. What can't be done becomes a `refuse`; the caller then writes nothing at all.
 *
 * @throws TemplateError see `loadTemplates`
 * @throws UserFileError if the folder can't be read
 */
export function planScaffold(outlines: readonly ServicerOutline[], options: ScaffoldOptions): ScaffoldPlan {
  const files = new UserWorkspace(outlines, options);
  const selected = outlines.filter((outline) => options.select?.(outline) ?? true);
  const services = selected.map((outline) => planService(outline, outlines, files, options));
  return { services, writes: files.writes() };
}

function planService(
  outline: ServicerOutline,
  outlines: readonly ServicerOutline[],
  files: UserWorkspace,
  options: ScaffoldOptions,
): ServicerPlan {
  try {
    const candidates = files.candidates(outline);
    const found = pickClass(outline, candidates, files, options);
    if (found !== undefined && "reason" in found) {
      return { outline, kind: "refuse", ...found };
    }
    if (found !== undefined) {
      return planCompletion(outline, found, files, options);
    }
    for (const source of candidates) {
      const object = servicerObject(source, files.imports(source), outline);
      if (object !== undefined) {
        return { outline, kind: "object", path: source.path, place: placeOf(source, object.getStart(source.root)) };
      }
    }
    const broken = candidates.find(({ problem }) => problem !== undefined);
    return broken === undefined ? planNewFile(outline, outlines, files, options) : refuseBroken(outline, broken);
  } catch (error) {
    if (error instanceof UserFileError) {
      return { outline, kind: "refuse", path: error.path, place: undefined, reason: error.reason };
    }
    throw error;
  }
}

/** The class to complete: by its `implements`, else by its name. Several are one too many, unless one is where a first run puts it. */
function pickClass(
  outline: ServicerOutline,
  candidates: readonly TypeScriptSource[],
  files: UserWorkspace,
  options: ScaffoldOptions,
): ServicerClass | { path: string; place: SourcePlace; reason: string } | undefined {
  const implementing = candidates.flatMap((source) => classesImplementing(source, files.imports(source), outline));
  const found = implementing.length > 0 ? implementing : candidates.flatMap((source) => classesNamed(source, outline));
  const usual = found.filter(({ source }) => newPaths(outline, options).includes(source.path));
  const [first, second] = usual.length === 1 ? usual : found;
  if (first === undefined || second === undefined) {
    return first;
  }
  const where = ({ source, node }: ServicerClass) => ({
    path: source.path,
    place: placeOf(source, node.getStart(source.root)),
  });
  const other = where(second);
  const otherPath = relative(options.out, other.path).replaceAll(sep, "/");
  return {
    ...where(first),
    reason:
      `${first.name} implements ${outline.servicer.name}, and so does ${second.name} (${otherPath}:${other.place.line}:${other.place.column}). ` +
      "Pass the folder of the one that is served with --out.",
  };
}

function planCompletion(
  outline: ServicerOutline,
  servicer: ServicerClass,
  files: UserWorkspace,
  options: ScaffoldOptions,
): ServicerPlan {
  const { source, name: className } = servicer;
  const { path } = source;
  if (source.problem !== undefined) {
    return refuseBroken(outline, source);
  }
  const place = placeOf(source, servicer.node.getStart(source.root));
  try {
    const completion = completeServicer(servicer, outline, files.completionContext(path, options));
    const { missing, stale, unseen, inserted } = completion;
    if (unseen !== undefined) {
      return { outline, kind: "unseen", path, place, className, missing, stale, unseen };
    }
    if (inserted !== undefined) {
      files.checkChangeable(path);
      files.change(path, inserted);
    }
    return { outline, kind: "complete", path, className, missing, stale };
  } catch (error) {
    if (error instanceof InsertionError) {
      return { outline, kind: "refuse", path, place, reason: error.message };
    }
    throw error;
  }
}

function planNewFile(
  outline: ServicerOutline,
  outlines: readonly ServicerOutline[],
  files: UserWorkspace,
  options: ScaffoldOptions,
): ServicerPlan {
  const [short = "", long = ""] = newPaths(outline, options);
  const sharesName = outlines.some((other) => other !== outline && other.fileName === outline.fileName);
  const path = sharesName ? long : short;
  if (files.exists(path)) {
    files.checkChangeable(path);
    const reason = `is in the way: a class that implements ${outline.servicer.name} is to go there, and the file has none. Rename the file, or write the class's first line into it.`;
    return { outline, kind: "refuse", path, place: undefined, reason };
  }
  checkWritable(path);
  const text = newServicer(outline, options.templates, (module) => spellModule(module, path, options));
  const { problem } = parseTypeScript(path, text);
  if (problem !== undefined) {
    // A user's own templates: the built-in ones give what parses.
    const line = text.split("\n")[problem.line - 1]?.trim() ?? "";
    const reason = `What the templates give doesn't parse: ${problem.message} That is its line ${problem.line}, ${JSON.stringify(line)}. Mend the template.`;
    return { outline, kind: "refuse", path, place: undefined, reason };
  }
  files.create(path, text);
  return { outline, kind: "create", path };
}

function refuseBroken(outline: ServicerOutline, { path, problem }: TypeScriptSource): ServicerPlan {
  const reason = `${problem?.message ?? "syntax error"} The file doesn't parse, so nothing is inserted. Mend it, then run the command again.`;
  return { outline, kind: "refuse", path, place: problem, reason };
}

/** Where a first run puts a class; and where, if another package's service has the same name. */
function newPaths(outline: ServicerOutline, { out }: ScaffoldOptions): string[] {
  return [join(out, outline.fileName), join(out, outline.packageDirectory, outline.fileName)];
}

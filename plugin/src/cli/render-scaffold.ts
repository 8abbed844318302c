import { nearest } from "@accord-grpc/runtime/contract";
import type { ScaffoldPlan, ServicerPlan } from "../scaffold/scaffold-plan.js";
import type { TestPlan } from "../scaffold/test-plan.js";
import type { SourcePlace } from "../scaffold/typescript-source.js";
import { displayPath } from "../scaffold/user-files.js";
import { plural } from "./diagnostic-lines.js";
import { padStyled, plainLine, type TextStyle } from "./text-style.js";

/** What became of a plan: its files were written; were only looked at; or one refused, and none was written. */
export type ScaffoldOutcome = "written" | "checked" | "refused";

/** Tells what a scaffold did, or would do: a line for each service, and one for each method that needs a person. */
export function renderScaffold(
  plan: ScaffoldPlan,
  tests: readonly TestPlan[],
  outcome: ScaffoldOutcome,
  style: TextStyle,
  cwd: string,
): string {
  const lines = [
    ...plan.services.flatMap((service) => renderService(service, outcome, style, cwd)),
    ...tests.map((test) => renderTests(test, outcome, style, cwd)),
  ];
  const sentence = summary(plan, tests, outcome);
  return `${[...lines, ...(sentence === "" ? [] : ["", sentence])].join("\n")}\n`;
}

function renderService(plan: ServicerPlan, outcome: ScaffoldOutcome, style: TextStyle, cwd: string): string[] {
  const path = displayPath(cwd, plan.path);
  const { outline } = plan;
  switch (plan.kind) {
    case "create": {
      const verb = outcome === "written" ? style.green("created") : style.yellow("missing");
      const methods = names(outline.methods);
      return [line(verb, path, `${outline.className} for ${outline.service}${methods === "" ? "" : `: ${methods}`}`)];
    }
    case "complete": {
      const stale = renderStale(plan.stale, plan, path, style);
      if (plan.missing.length === 0) {
        return [line(style.dim("complete"), path, plan.className), ...stale];
      }
      const verb = outcome === "written" ? style.green("inserted") : style.yellow("missing");
      return [line(verb, path, `${plan.className}: ${names(plan.missing)}`), ...stale];
    }
    case "unseen":
      return [
        line(
          style.yellow("unsure"),
          at(path, plan.place),
          `${plan.className} lacks ${names(plan.missing)}, unless ${plan.unseen} has them, which can't be seen from here. Nothing is inserted: write what is missing by hand.`,
        ),
        ...renderStale(plan.stale, plan, path, style),
      ];
    case "object":
      return [
        line(
          style.yellow("skipped"),
          at(path, plan.place),
          `An object implements ${outline.service}. Methods are inserted only into classes; the compiler tells what an object lacks.`,
        ),
      ];
    case "refuse":
      return [line(style.red("refused"), at(path, plan.place), plan.reason)];
  }
}

function renderStale(
  stale: readonly (SourcePlace & { readonly name: string })[],
  { outline, ...plan }: ServicerPlan,
  path: string,
  style: TextStyle,
): string[] {
  const missing = "missing" in plan ? plan.missing.map(({ name }) => name) : [];
  return stale.map((method) => {
    const renamed = nearest(method.name, missing);
    const hint = renamed === undefined ? "" : ` Was it renamed to ${renamed}?`;
    return line(
      style.yellow("stale"),
      at(path, method),
      `${outline.service} has no method ${method.name} any more.${hint} Nothing is removed: that is for you to do.`,
    );
  });
}

/** Whether tests lack a case that a run without --check would write. */
export function lacksCases(plan: TestPlan): boolean {
  return plan.kind === "create" || (plan.kind === "complete" && plan.missing.length > 0);
}

function renderTests(plan: TestPlan, outcome: ScaffoldOutcome, style: TextStyle, cwd: string): string {
  const path = displayPath(cwd, plan.path);
  switch (plan.kind) {
    case "create": {
      const verb = outcome === "written" ? style.green("created") : style.yellow("missing");
      const count = plan.cases.reduce((sum, { cases }) => sum + cases.length, 0);
      return line(verb, path, `tests of ${plan.service}: ${plural(count, "case")}, to be filled in`);
    }
    case "complete": {
      if (plan.missing.length === 0) {
        return line(style.dim("complete"), path, `tests of ${plan.service}`);
      }
      const verb = outcome === "written" ? style.green("inserted") : style.yellow("missing");
      const cases = plan.missing.flatMap(({ method, cases }) => cases.map(({ title }) => `${method} ${title}`));
      return line(verb, path, `tests of ${plan.service}: ${cases.join(", ")}`);
    }
    case "refuse":
      return line(style.red("refused"), path, plan.reason);
  }
}

function summary({ services }: ScaffoldPlan, tests: readonly TestPlan[], outcome: ScaffoldOutcome): string {
  if (outcome === "refused") {
    return "Nothing was written.";
  }
  const missing =
    services.some((plan) => plan.kind === "create" || (plan.kind === "complete" && plan.missing.length > 0)) ||
    tests.some(lacksCases);
  return outcome === "checked" && missing ? "Run the command without --check to write what is missing." : "";
}

function line(verb: string, place: string, text: string): string {
  return `${padStyled(verb, 9)} ${plainLine(place)}  ${plainLine(text)}`;
}

function at(path: string, place: SourcePlace | undefined): string {
  return place === undefined ? path : `${path}:${place.line}:${place.column}`;
}

function names(methods: readonly { readonly name: string }[]): string {
  return methods.map(({ name }) => name).join(", ");
}

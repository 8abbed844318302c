import type { ContractModel, PackageModel } from "../../model/model.js";
import { loadTemplateEngine, type Template, type TemplateHelper } from "../../templates/template-engine.js";
import { TemplateError } from "../../templates/template-error.js";
import { readTemplates } from "../../templates/template-folder.js";
import type { Emitter, Output } from "../emitter.js";
import { terminationBudget } from "../k8s/termination-budget.js";
import { servedPackages } from "../served-packages.js";
import { duration } from "./duration.js";
import { loadBalancingView } from "./load-balancing-view.js";
import { cell, code, plain, prose } from "./markdown.js";
import { resendPicture, servicePage, TERMINATION_PICTURE } from "./page-names.js";
import { retryTimeline } from "./retry-timeline.js";
import { servicePageView } from "./service-page-view.js";
import { size } from "./size.js";
import { alignTables } from "./table-layout.js";
import { terminationTimeline } from "./termination-timeline.js";

/** The template that is rendered for each service. All others are rendered once for each package. */
const SERVICE_TEMPLATE = "service.md";

const HELPERS: Readonly<Record<string, TemplateHelper>> = {
  code: (value) => code(String(value)),
  plain: (value) => plain(String(value)),
  prose: (value) => prose(String(value)),
  cell: (value) => cell(String(value)),
  duration: (value) => duration(Number(value)),
  size: (value) => size(Number(value)),
};

/**
 * Loads the emitter of documentation: for each service a page and a picture of each method that is sent again, and for
 * each package a page on load balancing and rollouts, under `ledger/v1/docs/`. A template that renders nothing makes no file.
 *
 * Handlebars is loaded here, so that a plugin run without `artifacts=docs` doesn't pay for it.
 *
 * @param userFolder the folder that the plugin option `templates` names
 * @throws TemplateError from here and from `emit`: the built-in templates are fine, a user's need not be
 */
export async function loadDocsEmitter(userFolder?: string): Promise<Emitter> {
  const engine = await loadTemplateEngine();
  const templates = engine.compile(readTemplates("docs", userFolder), HELPERS);
  const servicePageTemplate = templates.find(({ name }) => name === SERVICE_TEMPLATE);
  if (servicePageTemplate === undefined) {
    throw new TemplateError(
      `The built-in template docs/${SERVICE_TEMPLATE}.hbs is missing: install the package again.`,
    );
  }
  const packageTemplates = templates.filter(({ name }) => name !== SERVICE_TEMPLATE);
  return {
    emit(model: ContractModel, output: Output): void {
      for (const pkg of servedPackages(model)) {
        emitPackage(pkg, { servicePageTemplate, packageTemplates }, output);
      }
    },
  };
}

interface DocsTemplates {
  readonly servicePageTemplate: Template;
  readonly packageTemplates: readonly Template[];
}

function emitPackage(pkg: PackageModel, templates: DocsTemplates, output: Output): void {
  const folder = pkg.paths.docs;
  const page = (name: string, template: Template, view: object) => {
    const text = template.render(view);
    if (text !== "") {
      output.text(`${folder}/${name}`, name.endsWith(".md") ? alignTables(singleBlankLines(text)) : text);
    }
  };
  for (const service of pkg.services) {
    page(servicePage(service), templates.servicePageTemplate, servicePageView(service, pkg));
    for (const method of service.methods) {
      if (method.call.resend.kind !== "none") {
        output.text(`${folder}/${resendPicture(method)}`, retryTimeline(method));
      }
    }
  }
  const view = loadBalancingView(pkg);
  for (const template of templates.packageTemplates) {
    page(template.name, template, view);
  }
  output.text(`${folder}/${TERMINATION_PICTURE}`, terminationTimeline(view.name, terminationBudget(pkg.deployment)));
}

/** What a template leaves out leaves blank lines behind. */
function singleBlankLines(markdown: string): string {
  return markdown.replace(/\n{3,}/g, "\n\n");
}

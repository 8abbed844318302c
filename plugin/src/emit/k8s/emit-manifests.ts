import type { ContractModel } from "../../model/model.js";
import { loadTemplateEngine, type Template } from "../../templates/template-engine.js";
import { readTemplates } from "../../templates/template-folder.js";
import type { Emitter, Output } from "../emitter.js";
import { servedPackages } from "../served-packages.js";
import { type ManifestView, manifestView } from "./manifest-view.js";

/**
 * Loads the emitter of Kubernetes manifests: for each package with services, one file for each template in
 * `templates/k8s`, as `ledger/v1/k8s/deployment.yaml`. A template that renders nothing makes no file.
 *
 * Handlebars is loaded here, so that a plugin run without `artifacts=k8s` doesn't pay for it.
 *
 * @param userFolder the folder that the plugin option `templates` names
 * @throws TemplateError from here and from `emit`: the built-in templates are fine, a user's need not be
 */
export async function loadManifestEmitter(userFolder?: string): Promise<Emitter> {
  const engine = await loadTemplateEngine();
  const templates = engine.compile(readTemplates("k8s", userFolder));
  return {
    emit(model: ContractModel, output: Output): void {
      for (const pkg of servedPackages(model)) {
        const view = manifestView(pkg);
        for (const [name, content] of renderAll(templates, view)) {
          output.text(`${pkg.paths.manifests}/${name}`, content);
        }
      }
    },
  };
}

/** The template of the file that lists the others, and so comes last. */
const LISTING = "Kustomization";

/** What kustomize can't do without to make targets follow names: where they are, and what they name. */
const NAMED = ["client-config-map.yaml", "service-headless.yaml"];

/** Renders the templates to files by their names, in the order of the templates. */
function renderAll(templates: readonly Template[], view: ManifestView): Map<string, string> {
  const files = new Map<string, string>();
  const render = (template: Template, shown: object): void => {
    const content = template.render(shown);
    if (content !== "") {
      files.set(template.name, content);
    }
  };
  for (const template of templates.filter(({ name }) => name !== LISTING)) {
    render(template, view);
  }
  const manifests = [...files.keys()].filter((name) => /\.ya?ml$/.test(name));
  // A template of the user's may have left one out.
  const kustomize = NAMED.every((name) => files.has(name)) ? view.kustomize : false;
  for (const template of templates.filter(({ name }) => name === LISTING)) {
    render(template, { ...view, manifests, kustomize });
  }
  return files;
}

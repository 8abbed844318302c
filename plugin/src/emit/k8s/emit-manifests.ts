import type { ContractModel } from "../../model/model.js";
import type { Emitter, Output } from "../emitter.js";
import { servedPackages } from "../served-packages.js";
import { loadTemplateEngine } from "../templates/template-engine.js";
import { readTemplates } from "../templates/template-folder.js";
import { manifestView } from "./manifest-view.js";

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
        for (const template of templates) {
          const content = template.render(view);
          if (content !== "") {
            output.text(`${pkg.paths.manifests}/${template.name}`, content);
          }
        }
      }
    },
  };
}

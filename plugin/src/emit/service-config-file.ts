import type { Emitter } from "./emitter.js";
import { serviceConfigOf } from "./service-config.js";

/** `service_config.json`: how a package's services are to be called, for clients in any language. */
export const serviceConfigEmitter: Emitter = {
  emit(model, output) {
    for (const pkg of model.packages) {
      if (pkg.services.length > 0) {
        output.text(pkg.paths.serviceConfig, jsonText(serviceConfigOf(pkg)));
      }
    }
  },
};

/** JSON as formatters leave it: a list of texts is on one line. */
function jsonText(value: object): string {
  const text = JSON.stringify(value, null, 2);
  return `${text.replace(/\[\n( *"[^"\\]*",?\n)+ *\]/g, (list) => list.replace(/\n */g, " ").replace("[ ", "[").replace(" ]", "]"))}\n`;
}

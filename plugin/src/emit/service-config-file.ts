import type { Emitter } from "./emitter.js";
import { serviceConfigOf } from "./service-config.js";
import { LINE_WIDTH } from "./typescript/layout.js";

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

/** JSON as formatters leave it: a list of texts is on one line if it fits. */
function jsonText(value: object): string {
  const text = JSON.stringify(value, null, 2);
  return `${text.replace(TEXT_LIST, (list, _, offset: number) => {
    const flat = list.replace(/\n */g, " ").replace("[ ", "[").replace(" ]", "]");
    return offset - (text.lastIndexOf("\n", offset) + 1) + flat.length <= LINE_WIDTH ? flat : list;
  })}\n`;
}

// With the comma that follows it, if one does.
const TEXT_LIST = /\[\n( *"[^"\\]*",?\n)+ *\],?/g;

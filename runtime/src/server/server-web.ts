import { createRegistry, type DescFile, type Registry } from "@bufbuild/protobuf";
import type { BoundService } from "./bind-service.js";
import { errorFiles } from "./error-files.js";
import type { ServedMethod } from "./served-method.js";
import type { ServerOptions } from "./server-options.js";
import { loadConnect } from "./web/connect-library.js";
import { type CorsPolicy, corsPolicy } from "./web/http-options.js";
import { WebFront, type WebSettings } from "./web/web-front.js";

/**
 * Looks at what a server is to be over the web.
 *
 * @throws {Error} if any page could call what isn't anybody's to call
 */
export function corsOf({ http }: ServerOptions, methods: ReadonlyMap<string, ServedMethod>): CorsPolicy | undefined {
  return (
    http?.cors &&
    corsPolicy(
      http.cors,
      [...methods.values()].some(({ auth }) => auth !== undefined),
    )
  );
}

/**
 * What takes requests that aren't gRPC's; `undefined` where nothing does.
 *
 * @throws {Error} if connect isn't installed
 */
export async function openWeb(
  { http, reflectionFiles = [] }: ServerOptions,
  services: readonly BoundService[],
  settings: Pick<WebSettings<ServedMethod>, "methods" | "makeCall" | "budget" | "requestTimeoutMs" | "cors"> & {
    readonly isReady: () => boolean;
  },
): Promise<WebFront<ServedMethod> | undefined> {
  if (http === undefined) {
    return undefined;
  }
  const files = [...services.map(({ service }) => service.file), ...errorFiles(services), ...reflectionFiles];
  return new WebFront(await loadConnect(), {
    ...settings,
    types: typesOf(files),
    json: http.json ?? {},
    isReady: http.health === true ? settings.isReady : undefined,
  });
}

/** The types of files, and of all that they import. */
function typesOf(files: readonly DescFile[]): Registry {
  const all = new Set<DescFile>();
  const add = (file: DescFile): void => {
    if (!all.has(file)) {
      all.add(file);
      file.dependencies.forEach(add);
    }
  };
  files.forEach(add);
  return createRegistry(...all);
}

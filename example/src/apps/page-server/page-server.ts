import { readdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, relative, sep } from "node:path";
import { StartUpError } from "../run-app.js";

/** What a page is told of where it is. */
export interface PageSettings {
  /** Where browsers find the ledger: `https://ledger.example.com`. */
  readonly ledgerUrl: string;
  /** The accounts that it shows at first. */
  readonly accounts: readonly string[];
}

/** The page, at an origin of its own. */
export interface PageServer {
  /** `http://127.0.0.1:5173`: what the ledger lets call. */
  readonly origin: string;
  close(): Promise<void>;
}

interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};

/**
 * Serves the page that `npm run build:web` has made. It answers from memory, and knows the ledger's address alone: browsers call the
 * ledger themselves, at the port that serves gRPC.
 *
 * @param settings asked with each request, since a ledger may get its port later than the page
 * @throws {StartUpError} the page isn't built
 */
export async function servePage(
  folder: string,
  { host, port }: { readonly host: string; readonly port: number },
  settings: () => PageSettings,
): Promise<PageServer> {
  const files = await filesOf(folder);
  const server = createServer((request, response) => answer(files, settings(), request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const bound = server.address() as AddressInfo;
  return {
    origin: `http://${host}:${bound.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(
  files: ReadonlyMap<string, PageFile>,
  settings: PageSettings,
  { method, url = "/" }: IncomingMessage,
  response: ServerResponse,
): void {
  const path = url.split("?")[0] ?? "/";
  const file = files.get(path === "/" ? "/index.html" : path);
  if (file === undefined || (method !== "GET" && method !== "HEAD")) {
    response.writeHead(file === undefined ? 404 : 405).end();
    return;
  }
  const isPage = file.type.startsWith("text/html");
  const body = isPage ? told(file.body.toString(), settings) : file.body;
  response.writeHead(200, {
    "content-type": file.type,
    "content-length": Buffer.byteLength(body),
    // The names of all files but the page's say what is in them.
    "cache-control": isPage ? "no-cache" : "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy":
      `default-src 'self'; connect-src ${settings.ledgerUrl}; img-src data:; base-uri 'none'; ` +
      "form-action 'none'; frame-ancestors 'none'",
  });
  response.end(method === "HEAD" ? undefined : body);
}

/** The page, with what it is told in its `<meta>`s. */
function told(html: string, { ledgerUrl, accounts }: PageSettings): string {
  const values: Readonly<Record<string, string>> = { "ledger-url": ledgerUrl, "ledger-accounts": accounts.join(",") };
  return html.replace(/(<meta name="(ledger-\w+)" content=")[^"]*/g, (whole, head: string, name: string) => {
    const value = values[name];
    return value === undefined ? whole : head + value.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  });
}

async function filesOf(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile() && TYPES[extname(entry.name)] !== undefined)
      .map(async (entry): Promise<[string, PageFile]> => {
        const path = join(entry.parentPath, entry.name);
        const type = TYPES[extname(entry.name)] ?? "";
        return [`/${relative(folder, path).split(sep).join("/")}`, { type, body: await readFile(path) }];
      }),
  );
  const byPath = new Map(files);
  if (!byPath.has("/index.html")) {
    throw new StartUpError(`There is no page in ${folder}: npm run build:web -w example`);
  }
  return byPath;
}

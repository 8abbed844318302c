import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node.js";
import { ROOT } from "../../plugin/src/cli/cli.fixture.js";

/** What an editor underlines. Lines and columns are 0-based. */
export interface Underlined {
  readonly range: {
    readonly start: { readonly line: number; readonly character: number };
    readonly end: { readonly line: number; readonly character: number };
  };
  readonly code?: string;
  readonly message: string;
}

/** An editor, as far as a language server can tell: `buf lsp serve` in a folder, spoken to by VS Code's own library. */
export class LanguageClient {
  readonly #server: ChildProcessWithoutNullStreams;
  readonly #connection: MessageConnection;
  readonly #listeners = new Set<(uri: string, version: number, found: readonly Underlined[]) => void>();
  readonly #root: string;
  #version = 0;

  private constructor(root: string) {
    this.#root = root;
    const buf = join(ROOT, "node_modules/@bufbuild/buf/bin/buf");
    this.#server = spawn(process.execPath, [buf, "lsp", "serve"], { cwd: root });
    const { stdout, stdin } = this.#server;
    this.#connection = createMessageConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
    this.#connection.onNotification("textDocument/publishDiagnostics", ({ uri, version, diagnostics }) => {
      for (const listener of this.#listeners) {
        listener(uri, version, diagnostics);
      }
    });
    // What a server asks of an editor (settings, progress): nothing that matters here.
    this.#connection.onRequest(() => null);
    this.#connection.listen();
  }

  /** Starts the server and opens a folder. */
  static async open(root: string): Promise<LanguageClient> {
    const client = new LanguageClient(root);
    const rootUri = pathToFileURL(root).href;
    await client.#connection.sendRequest("initialize", {
      processId: process.pid,
      rootUri,
      capabilities: { textDocument: { publishDiagnostics: { versionSupport: true } } },
      workspaceFolders: [{ uri: rootUri, name: "project" }],
    });
    await client.#connection.sendNotification("initialized", {});
    return client;
  }

  /**
   * Opens a file, or types in it, without saving it.
   *
   * @param wanted which of what is underlined counts
   * @returns what is underlined then, once something is
   */
  async type(path: string, text: string, wanted: (found: Underlined) => boolean): Promise<readonly Underlined[]> {
    const uri = pathToFileURL(join(this.#root, path)).href;
    const version = ++this.#version;
    const underlined = new Promise<readonly Underlined[]>((resolve) => {
      const listener = (ofUri: string, ofVersion: number, found: readonly Underlined[]): void => {
        if (ofUri === uri && ofVersion === version && found.some(wanted)) {
          this.#listeners.delete(listener);
          resolve(found.filter(wanted));
        }
      };
      this.#listeners.add(listener);
    });
    const textDocument = { uri, version };
    await (version === 1
      ? this.#connection.sendNotification("textDocument/didOpen", {
          textDocument: { ...textDocument, languageId: "proto", text },
        })
      : this.#connection.sendNotification("textDocument/didChange", { textDocument, contentChanges: [{ text }] }));
    return underlined;
  }

  /** What an editor shows where the mouse rests. Lines and columns are 0-based. */
  async hover(path: string, line: number, character: number): Promise<string> {
    const uri = pathToFileURL(join(this.#root, path)).href;
    const hover = await this.#connection.sendRequest<{ readonly contents: { readonly value: string } } | null>(
      "textDocument/hover",
      { textDocument: { uri }, position: { line, character } },
    );
    return hover?.contents.value ?? "";
  }

  close(): void {
    this.#connection.dispose();
    this.#server.kill();
  }
}

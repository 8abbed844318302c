import { dirname, join, relative, resolve, sep } from "node:path";
import type { ReadImported } from "./class-members.js";
import type { CompletionContext } from "./complete-servicer.js";
import { type FileImports, fileImports } from "./file-imports.js";
import type { InsertedText } from "./insertion.js";
import type { ModuleName } from "./message-names.js";
import type { ScaffoldTemplates } from "./scaffold-templates.js";
import { generatedModules, type ServicerOutline } from "./servicer-outline.js";
import { parseTypeScript, type TypeScriptSource } from "./typescript-source.js";
import { checkWritable, listSources, readUserFile, type UserFile, UserFileError } from "./user-files.js";

/** Where a scaffold works, and how it spells what it imports. */
export interface ScaffoldOptions {
  /** The user's folder, absolute. */
  readonly out: string;
  /** The folder of generated code, absolute. */
  readonly generated: string;
  /** What import specifiers end in: `.js`, `.ts`, or nothing. */
  readonly importExtension: string;
  readonly templates: ScaffoldTemplates;
  /** The services to write or complete; all by default. The others still count when files and names are told apart. */
  readonly select?: (outline: ServicerOutline) => boolean;
}

/** A file to write. */
export interface PlannedWrite {
  readonly file: UserFile;
  /** What was inserted, step by step, each against the text before it. None for a new file. */
  readonly insertions: readonly InsertedText[];
}

/** The user's files as they would be: read once, changed in memory, written by nobody here. */
export class UserWorkspace {
  readonly #outlines: readonly ServicerOutline[];
  /** The folder of generated code. */
  readonly #generated: string;
  readonly #generatedModules: readonly string[];
  readonly #paths: readonly string[];
  readonly #files = new Map<string, UserFile>();
  readonly #sources = new Map<string, TypeScriptSource>();
  readonly #writes = new Map<string, InsertedText[]>();

  constructor(outlines: readonly ServicerOutline[], options: ScaffoldOptions) {
    this.#outlines = outlines;
    this.#generated = resolve(options.generated);
    this.#generatedModules = generatedModules(outlines);
    this.#paths = listSources(options.out, this.#generated);
  }

  /** The files that can hold a service's class, parsed: their text has its name, or that of its interface. */
  candidates(outline: ServicerOutline): TypeScriptSource[] {
    return this.#paths
      .filter((path) => {
        const { text } = this.#file(path);
        return text.includes(outline.servicer.name) || text.includes(outline.className);
      })
      .map((path) => this.#source(path));
  }

  imports(source: TypeScriptSource): FileImports {
    return fileImports(source.root, this.#generatedModules, (specifier) => {
      const path = /^\.\.?\//.test(specifier) ? resolve(dirname(source.path), specifier) : undefined;
      return path && relative(this.#generated, path).replaceAll(sep, "/");
    });
  }

  exists(path: string): boolean {
    return this.#files.has(path) || this.#paths.includes(path);
  }

  completionContext(path: string, options: ScaffoldOptions): CompletionContext {
    return {
      outlines: this.#outlines,
      importsOf: (source) => this.imports(source),
      templates: options.templates,
      readImported: this.#readImported,
      spell: (module) => spellModule(module, path, options),
    };
  }

  /** @throws UserFileError if the file can't be written, or not without harm */
  checkChangeable(path: string): void {
    checkWritable(path);
    const { damage } = this.#file(path);
    if (damage !== undefined) {
      throw new UserFileError(path, damage);
    }
  }

  create(path: string, text: string): void {
    this.#files.set(path, { path, text, byteOrderMark: false, damage: undefined });
    this.#writes.set(path, []);
  }

  change(path: string, inserted: InsertedText): void {
    this.#files.set(path, { ...this.#file(path), text: inserted.text });
    this.#sources.delete(path);
    this.#writes.set(path, [...(this.#writes.get(path) ?? []), inserted]);
  }

  writes(): PlannedWrite[] {
    return [...this.#writes].map(([path, insertions]) => ({ file: this.#file(path), insertions }));
  }

  #file(path: string): UserFile {
    const file = this.#files.get(path) ?? readUserFile(path);
    this.#files.set(path, file);
    return file;
  }

  #source(path: string): TypeScriptSource {
    const source = this.#sources.get(path) ?? parseTypeScript(path, this.#file(path).text);
    this.#sources.set(path, source);
    return source;
  }

  /** Follows `./base.js` to `base.ts` and the like. */
  readonly #readImported: ReadImported = (from, specifier) => {
    if (!/^\.\.?\//.test(specifier)) {
      return undefined;
    }
    const bare = resolve(dirname(from.path), specifier);
    const stem = bare.replace(/\.[cm]?[jt]sx?$/, "");
    for (const path of [bare, `${stem}.ts`, `${stem}.tsx`, `${stem}.mts`, `${stem}.cts`, join(bare, "index.ts")]) {
      try {
        return this.#source(path);
      } catch (error) {
        if (!(error instanceof UserFileError)) {
          throw error;
        }
      }
    }
    return undefined;
  };
}

/** How a file spells a module: a package by its name, generated code by the relative path. */
export function spellModule(module: ModuleName, from: string, { generated, importExtension }: ScaffoldOptions): string {
  if (module.kind === "package") {
    return module.specifier;
  }
  const path = relative(dirname(from), join(generated, module.path)).replaceAll(sep, "/");
  return `${path.startsWith(".") ? path : `./${path}`}${importExtension}`;
}

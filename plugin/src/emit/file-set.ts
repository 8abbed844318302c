import type { Schema } from "@bufbuild/protoplugin";
import type { Output } from "./emitter.js";
import { type HeaderOptions, header, type Source } from "./header.js";
import { GeneratedNames } from "./typescript/generated-names.js";
import { organizeImports } from "./typescript/imports.js";
import { layOut } from "./typescript/layout.js";
import { resolveNames, TypeScriptFile } from "./typescript/typescript-file.js";

/** The files of a run. TypeScript goes through protoplugin, which resolves imports and may make JavaScript of it. */
export class FileSet implements Output {
  /** Files that aren't TypeScript. protoplugin drops its own ones unless `ts` is a target, so they bypass it. */
  readonly others = new Map<string, string>();
  readonly #sources = new Map<string, { readonly source: Source; readonly unformatted: string | undefined }>();
  #files: TypeScriptFile[] = [];
  readonly #names = new GeneratedNames();
  readonly #schema: Schema;
  readonly #headerOptions: HeaderOptions;

  constructor(schema: Schema, headerOptions: HeaderOptions) {
    this.#schema = schema;
    this.#headerOptions = headerOptions;
  }

  typescript(path: string, source: Source, unformatted?: string): TypeScriptFile {
    this.#sources.set(path, { source, unformatted });
    const file = new TypeScriptFile(this.#schema.generateFile(`${path}.ts`), path, this.#names);
    // Emitters print one file after the other.
    this.#files.at(-1)?.compact();
    this.#files.push(file);
    return file;
  }

  text(path: string, content: string): void {
    this.others.set(path, content);
  }

  /** Hands the TypeScript files over to protoplugin, when everything is printed. */
  complete(): void {
    for (const file of this.#files) {
      file.complete();
    }
    this.#files = [];
  }

  /** The comment at the top of a file that was made from one of {@link typescript}. */
  headerOf(name: string): string {
    const made = this.#sources.get(name.replace(/\.(?:d\.ts|ts|js)$/, ""));
    return made === undefined ? "" : header(made.source, this.#headerOptions, made.unformatted);
  }
}

/** What protoplugin printed, as TypeScript that reads as if written by hand. */
export function finishTypeScript(content: string): string {
  return layOut(organizeImports(resolveNames(content)));
}

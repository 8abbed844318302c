import type { DescFile } from "@bufbuild/protobuf";
import type { Schema } from "@bufbuild/protoplugin";
import type { Output } from "./emitter.js";
import { GeneratedNames } from "./generated-names.js";
import { type HeaderOptions, header, type Source } from "./header.js";
import { organizeImports } from "./imports.js";
import { layOut } from "./layout.js";
import { TypeScriptFile } from "./typescript-file.js";

/** The files of a run. TypeScript goes through protoplugin, which resolves imports and may make JavaScript of it. */
export class FileSet implements Output {
  /** Files that aren't TypeScript. protoplugin drops its own ones unless `ts` is a target, so they bypass it. */
  readonly others = new Map<string, string>();
  readonly #sources = new Map<string, Source>();
  readonly #names = new GeneratedNames();
  readonly #schema: Schema;
  readonly #headerOptions: HeaderOptions;
  #generated: ReadonlySet<DescFile> | undefined;

  constructor(schema: Schema, headerOptions: HeaderOptions) {
    this.#schema = schema;
    this.#headerOptions = headerOptions;
  }

  typescript(path: string, source: Source): TypeScriptFile {
    this.#sources.set(path, source);
    return new TypeScriptFile(this.#schema.generateFile(`${path}.ts`), path, this.#names);
  }

  text(path: string, content: string): void {
    this.others.set(path, content);
  }

  isGenerated(file: DescFile): boolean {
    this.#generated ??= new Set(this.#schema.files);
    return this.#generated.has(file);
  }

  /** The comment at the top of a file that was made from one of {@link typescript}. */
  headerOf(name: string): string {
    const source = this.#sources.get(name.replace(/\.(?:d\.ts|ts|js)$/, ""));
    return source === undefined ? "" : header(source, this.#headerOptions);
  }
}

/** What protoplugin printed, as TypeScript that reads as if written by hand. */
export function finishTypeScript(content: string): string {
  return layOut(organizeImports(content));
}

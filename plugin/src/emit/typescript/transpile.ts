import type { FileInfo } from "@bufbuild/protoplugin";
import type { ts as TypeScript } from "ts-morph";

/** Makes JavaScript and declarations of TypeScript: what protoplugin calls for the targets `js` and `dts`. */
export type Transpile = (
  files: FileInfo[],
  js: boolean,
  dts: boolean,
  jsImportStyle: "module" | "legacy_commonjs",
) => FileInfo[];

/**
 * Loads a TypeScript compiler, which takes a while.
 *
 * protoplugin has a transpiler of its own, but that looks for its compiler in a place where package managers often put
 * another version of it. Generated code is annotated well enough to take one file at a time.
 */
export async function loadTranspile(): Promise<Transpile> {
  const { ts } = await import("ts-morph");
  return (files, js, dts, jsImportStyle) =>
    files.flatMap((file) => [
      ...(js ? [{ name: withExtension(file, ".js"), content: toJavaScript(ts, file, jsImportStyle) }] : []),
      ...(dts ? [{ name: withExtension(file, ".d.ts"), content: toDeclarations(ts, file) }] : []),
    ]);
}

function toJavaScript(ts: typeof TypeScript, file: FileInfo, style: "module" | "legacy_commonjs"): string {
  const module = style === "module" ? ts.ModuleKind.ES2020 : ts.ModuleKind.CommonJS;
  const compilerOptions: TypeScript.CompilerOptions = {
    ...common(ts),
    module,
    // Without it, a file that only imports types would be taken for a script.
    moduleDetection: ts.ModuleDetectionKind.Force,
    ...(style === "module" ? { verbatimModuleSyntax: true } : { isolatedModules: true, esModuleInterop: true }),
  };
  return ts.transpileModule(file.content, { fileName: file.name, compilerOptions }).outputText;
}

function toDeclarations(ts: typeof TypeScript, file: FileInfo): string {
  const compilerOptions: TypeScript.CompilerOptions = {
    ...common(ts),
    module: ts.ModuleKind.ES2020,
    declaration: true,
    isolatedDeclarations: true,
  };
  const { outputText, diagnostics } = ts.transpileDeclaration(file.content, {
    fileName: file.name,
    compilerOptions,
    reportDiagnostics: true,
  });
  const [first] = diagnostics ?? [];
  if (first !== undefined) {
    throw new Error(`${file.name}: ${ts.flattenDiagnosticMessageText(first.messageText, "\n")}`);
  }
  return outputText;
}

function common(ts: typeof TypeScript): TypeScript.CompilerOptions {
  return {
    target: ts.ScriptTarget.ES2022,
    newLine: ts.NewLineKind.LineFeed,
    // protoplugin's own files have no extension to rewrite: `import_extension` has been applied already.
    removeComments: false,
  };
}

function withExtension(file: FileInfo, extension: string): string {
  return file.name.replace(/\.ts$/, extension);
}

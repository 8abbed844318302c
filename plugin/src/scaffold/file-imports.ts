import { ts } from "ts-morph";
import type { ModuleName } from "./message-names.js";

/** What a file imports, and how it spells the modules. */
export interface FileImports {
  readonly declarations: readonly ts.ImportDeclaration[];
  readonly named: readonly NamedImport[];
  readonly namespaces: readonly NamespaceImport[];
  /** Whether a specifier, as this file spells it, is a module. */
  is(specifier: string, module: ModuleName): boolean;
  /** As `is`, and also true of a module that isn't known: a barrel that exports the generated code again, say. */
  mayBe(specifier: string, module: ModuleName): boolean;
  /** How this file would spell a generated module, judging by those it imports. Undefined if it imports none. */
  spell(module: ModuleName): string | undefined;
}

/** `import { name as local } from "specifier"` */
export interface NamedImport {
  readonly name: string;
  readonly local: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** `import * as local from "specifier"` */
export interface NamespaceImport {
  readonly local: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/**
 * Reads a file's imports.
 *
 * A generated module is recognised by where its specifier leads, or by how it ends, so that relative paths, `#gen/…`, and
 * aliases of a tsconfig all count.
 *
 * @param generated the paths of all generated modules, without extension: `ledger/v1/ledger_pb`
 * @param locate the path below the folder of generated code that a relative specifier leads to, without extension
 */
export function fileImports(
  root: ts.SourceFile,
  generated: readonly string[],
  locate: (specifier: string) => string | undefined = () => undefined,
): FileImports {
  const declarations = root.statements.filter(ts.isImportDeclaration);
  const named = declarations.flatMap(namedImports);
  const namespaces = declarations.flatMap(namespaceImports);
  const longestFirst = [...generated].sort((a, b) => b.length - a.length);
  const endOf = (specifier: string) => {
    const bare = withoutExtension(specifier);
    return longestFirst.find((path) => bare === path || bare.endsWith(`/${path}`));
  };
  const generatedPath = (specifier: string) => {
    const located = locate(withoutExtension(specifier));
    return located !== undefined && generated.includes(located) ? located : endOf(specifier);
  };
  const is = (specifier: string, module: ModuleName) =>
    module.kind === "package" ? specifier === module.specifier : generatedPath(specifier) === module.path;
  return {
    declarations,
    named,
    namespaces,
    is,
    mayBe: (specifier, module) => is(specifier, module) || generatedPath(specifier) === undefined,
    spell: (module) => {
      for (const specifier of module.kind === "generated" ? declarations.map(specifierOf) : []) {
        const path = endOf(specifier);
        if (path !== undefined && module.kind === "generated") {
          const end = withoutExtension(specifier).length;
          return specifier.slice(0, end - path.length) + module.path + specifier.slice(end);
        }
      }
      return undefined;
    },
  };
}

/** The module that a declaration imports from, as it is spelt. */
export function specifierOf(declaration: ts.ImportDeclaration): string {
  return ts.isStringLiteral(declaration.moduleSpecifier) ? declaration.moduleSpecifier.text : "";
}

function namedImports(declaration: ts.ImportDeclaration): NamedImport[] {
  const clause = declaration.importClause;
  const bindings = clause?.namedBindings;
  if (clause === undefined || bindings === undefined || !ts.isNamedImports(bindings)) {
    return [];
  }
  return bindings.elements.map((element) => ({
    name: (element.propertyName ?? element.name).text,
    local: element.name.text,
    specifier: specifierOf(declaration),
    typeOnly: clause.isTypeOnly || element.isTypeOnly,
  }));
}

function namespaceImports(declaration: ts.ImportDeclaration): NamespaceImport[] {
  const clause = declaration.importClause;
  const bindings = clause?.namedBindings;
  if (clause === undefined || bindings === undefined || !ts.isNamespaceImport(bindings)) {
    return [];
  }
  return [{ local: bindings.name.text, specifier: specifierOf(declaration), typeOnly: clause.isTypeOnly }];
}

function withoutExtension(specifier: string): string {
  return specifier.replace(/\.(?:d\.ts|[cm]?[jt]sx?)$/, "");
}

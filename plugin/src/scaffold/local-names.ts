import { ts } from "ts-morph";
import type { FileImports } from "./file-imports.js";
import type { ImportableName } from "./message-names.js";
import { visitNodes } from "./typescript-source.js";

/** What a file calls something that it imports, or will import. */
export interface LocalName {
  readonly imported: ImportableName;
  /** How code in the file refers to it: `TransferRequest`, or `pb.TransferRequest` through a namespace. */
  readonly local: string;
  /** Whether the import is still to be made. */
  readonly missing: boolean;
}

/** Names of the language that inserted code refers to, or soon will. An import must not hide them. */
const GLOBALS = ["Promise", "AsyncIterable", "Error"];

/** What inserted methods call their parameters. Within a method, these hide an import of the same name. */
const PARAMETERS = ["request", "requests", "context"];

/**
 * Decides what a file calls the names that inserted code needs: what it calls them already, their own names where
 * those are free, else names that tell their package.
 *
 * @param barrel the module, if it isn't known, that the file imports the service's interface from: names that it
 *   imports from there by the right name are what they seem to be
 */
export function localNames(
  root: ts.SourceFile,
  imports: FileImports,
  needed: readonly ImportableName[],
  barrel: string | undefined,
): LocalName[] {
  const taken = usedNames(root);
  const names: LocalName[] = [];
  for (const imported of needed) {
    if (names.some((name) => sameName(name.imported, imported))) {
      continue;
    }
    const local = importedAs(imports, imported, barrel);
    if (local !== undefined) {
      names.push({ imported, local, missing: false });
      continue;
    }
    const free = freeName(imported, taken);
    taken.add(free);
    names.push({ imported, local: free, missing: true });
  }
  return names;
}

/** Names for a file that doesn't exist yet and will declare `declared`. */
export function freshNames(needed: readonly ImportableName[], declared: readonly string[]): LocalName[] {
  const taken = new Set([...GLOBALS, ...declared]);
  const names: LocalName[] = [];
  for (const imported of needed) {
    if (!names.some((name) => sameName(name.imported, imported))) {
      const local = freeName(imported, taken);
      taken.add(local);
      names.push({ imported, local, missing: true });
    }
  }
  return names;
}

/** What a needed name is called locally. It must be one of those that were asked for. */
export function localNameOf(names: readonly LocalName[], imported: ImportableName): string {
  return names.find((name) => sameName(name.imported, imported))?.local ?? imported.name;
}

/** Whether two names are the same export. */
function sameName(a: ImportableName, b: ImportableName): boolean {
  return a.name === b.name && moduleKey(a) === moduleKey(b);
}

function moduleKey({ module }: ImportableName): string {
  return module.kind === "generated" ? `generated:${module.path}` : module.specifier;
}

function importedAs(imports: FileImports, wanted: ImportableName, barrel: string | undefined): string | undefined {
  const fits = (specifier: string, typeOnly: boolean) =>
    (wanted.typeOnly || !typeOnly) &&
    (imports.is(specifier, wanted.module) || (specifier === barrel && wanted.module.kind === "generated"));
  const named = imports.named.find(
    ({ name, local, specifier, typeOnly }) =>
      name === wanted.name && fits(specifier, typeOnly) && !PARAMETERS.includes(local),
  );
  if (named !== undefined) {
    return named.local;
  }
  const namespace = imports.namespaces.find(
    ({ local, specifier, typeOnly }) =>
      specifier !== barrel && fits(specifier, typeOnly) && !PARAMETERS.includes(local),
  );
  return namespace && `${namespace.local}.${wanted.name}`;
}

/** Its own name; else the package's in front of it, `LedgerV1Entry`; else that with a number. */
function freeName({ name, module }: ImportableName, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) {
    return name;
  }
  const directory = module.kind === "generated" ? module.path.split("/").slice(0, -1) : [];
  const prefix = directory.map((part) => part.slice(0, 1).toUpperCase() + part.slice(1)).join("");
  const qualified = prefix.replace(/\W/g, "") + name;
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? qualified : `${qualified}${i}`;
    if (!taken.has(candidate)) {
      return candidate;
    }
  }
}

/**
 * All names that mean something in a file: what it declares at whatever depth, and what it refers to without declaring
 * it (`Event`, `Request`), which an import would hide. Names behind a dot, and those of members, aren't among them.
 */
function usedNames(root: ts.SourceFile): Set<string> {
  const names = new Set(GLOBALS);
  visitNodes(root, (node) => {
    if (ts.isIdentifier(node) && !isMemberName(node)) {
      names.add(node.text);
    }
  });
  return names;
}

function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    (ts.isQualifiedName(parent) && parent.right === node) ||
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    ((ts.isClassElement(parent) || ts.isTypeElement(parent)) && parent.name === node) ||
    (ts.isImportSpecifier(parent) && parent.propertyName === node)
  );
}

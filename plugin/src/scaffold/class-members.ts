import { ts } from "ts-morph";
import { baseOf, type ClassNode, classesOf, nameOfClass } from "./servicer-class.js";
import type { TypeScriptSource } from "./typescript-source.js";

/** A class's instance members, its own and the inherited ones. */
export interface ClassMembers {
  readonly names: ReadonlySet<string>;
  /** What may hold more members than can be seen from here: the text of a base class or of a computed name. */
  readonly unseen: string | undefined;
}

/** Reads a file that a user's file imports by a relative specifier. Undefined if there is none that can be read. */
export type ReadImported = (from: TypeScriptSource, specifier: string) => TypeScriptSource | undefined;

/**
 * Collects the names of a class's instance members: methods, overloads, fields (arrow functions among them), accessors,
 * abstract members, constructor parameters that are fields, what interfaces of the same name merge in, and all of that
 * of its base classes as far as they can be followed. Static and `#private` members don't count.
 */
export function classMembers(source: TypeScriptSource, node: ClassNode, read: ReadImported): ClassMembers {
  const names = new Set<string>();
  const seen = new Set<ClassNode>();
  let unseen: string | undefined;
  let current: { source: TypeScriptSource; node: ClassNode } | undefined = { source, node };
  while (current !== undefined && !seen.has(current.node)) {
    seen.add(current.node);
    const own = ownMembers(current.source, current.node);
    for (const name of own.names) {
      names.add(name);
    }
    unseen ??= own.unseen;
    const base = baseOf(current.node);
    const next: typeof current | undefined = base && resolveClass(current.source, base, read);
    if (base !== undefined && next === undefined && base.kind !== ts.SyntaxKind.NullKeyword) {
      unseen ??= base.getText(current.source.root);
    }
    current = next;
  }
  return { names, unseen };
}

/** The instance members that a class has itself, in order, by name. Overloads of a name come one after the other. */
export function namedMembers(node: ClassNode): { readonly name: string; readonly member: ts.ClassElement }[] {
  return node.members.flatMap((member) => {
    const name = member.name === undefined || isStatic(member) ? undefined : literalName(member.name);
    return name === undefined ? [] : [{ name, member }];
  });
}

function ownMembers(source: TypeScriptSource, node: ClassNode): ClassMembers {
  const names = new Set(namedMembers(node).map(({ name }) => name));
  for (const member of node.members) {
    for (const parameter of ts.isConstructorDeclaration(member) ? member.parameters : []) {
      if (ts.isParameterPropertyDeclaration(parameter, member) && ts.isIdentifier(parameter.name)) {
        names.add(parameter.name.text);
      }
    }
  }
  for (const statement of source.root.statements) {
    if (ts.isInterfaceDeclaration(statement) && statement.name.text === nameOfClass(node)) {
      for (const member of statement.members) {
        const name = member.name && literalName(member.name);
        if (name !== undefined) {
          names.add(name);
        }
      }
    }
  }
  const computed = node.members.find((member) => !isStatic(member) && member.name && isUnknowable(member.name));
  return { names, unseen: computed?.name?.getText(source.root) };
}

/** Finds the class that an expression behind `extends` names, in the same file or in one that it imports. */
function resolveClass(
  source: TypeScriptSource,
  expression: ts.Expression,
  read: ReadImported,
): { source: TypeScriptSource; node: ClassNode } | undefined {
  if (ts.isClassExpression(expression)) {
    return { source, node: expression };
  }
  if (!ts.isIdentifier(expression)) {
    return undefined;
  }
  const local = classesOf(source.root).find((node) => nameOfClass(node) === expression.text);
  if (local !== undefined) {
    return { source, node: local };
  }
  for (const declaration of source.root.statements.filter(ts.isImportDeclaration)) {
    const exported = exportedNameOf(declaration, expression.text);
    const specifier = ts.isStringLiteral(declaration.moduleSpecifier) ? declaration.moduleSpecifier.text : "";
    const imported = exported === undefined ? undefined : read(source, specifier);
    const node = imported && classesOf(imported.root).find((candidate) => isExportedAs(candidate, exported));
    if (imported !== undefined && node !== undefined) {
      return { source: imported, node };
    }
  }
  return undefined;
}

/** The name under which a module exports what a declaration imports as `local`. */
function exportedNameOf(declaration: ts.ImportDeclaration, local: string): string | undefined {
  const clause = declaration.importClause;
  if (clause?.name?.text === local) {
    return "default";
  }
  const bindings = clause?.namedBindings;
  const element =
    bindings && ts.isNamedImports(bindings) ? bindings.elements.find(({ name }) => name.text === local) : undefined;
  return element && (element.propertyName ?? element.name).text;
}

function isExportedAs(node: ClassNode, exported: string | undefined): boolean {
  const isDefault =
    ts.isClassDeclaration(node) && node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) === true;
  return exported === "default" ? isDefault : nameOfClass(node) === exported;
}

function isStatic(member: ts.ClassElement): boolean {
  return (
    ts.canHaveModifiers(member) &&
    ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) === true
  );
}

/** The name of a member that is written out: `transfer`, `"transfer"`, `["transfer"]`. */
function literalName(name: ts.PropertyName): string | undefined {
  if (ts.isIdentifier(name) || ts.isStringLiteralLike(name) || ts.isNumericLiteral(name)) {
    return name.text;
  }
  return ts.isComputedPropertyName(name) && ts.isStringLiteralLike(name.expression) ? name.expression.text : undefined;
}

/** Whether a member may have any name: `[names.transfer]`. A well-known symbol is none of a service's methods. */
function isUnknowable(name: ts.PropertyName): boolean {
  if (!ts.isComputedPropertyName(name) || ts.isStringLiteralLike(name.expression)) {
    return false;
  }
  const { expression } = name;
  return !(ts.isPropertyAccessExpression(expression) && expression.expression.getText() === "Symbol");
}

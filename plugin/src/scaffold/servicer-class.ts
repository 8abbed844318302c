import { ts } from "ts-morph";
import type { FileImports } from "./file-imports.js";
import type { ServicerOutline } from "./servicer-outline.js";
import { type TypeScriptSource, visitNodes } from "./typescript-source.js";

/** A class in a user's file. */
export type ClassNode = ts.ClassDeclaration | ts.ClassExpression;

/** How a class was recognised. */
export interface ServicerClass {
  readonly source: TypeScriptSource;
  readonly node: ClassNode;
  /** The class's name, or what stands for it: `LedgerServicer`, `(anonymous class)`. */
  readonly name: string;
}

/** The classes of a file that say they implement a service's generated interface. */
export function classesImplementing(
  source: TypeScriptSource,
  imports: FileImports,
  outline: ServicerOutline,
): ServicerClass[] {
  const found = classesOf(source.root).filter((node) => implementsService(node, imports, outline));
  // A class that extends another of them is the one that is bound.
  const bases = new Set(found.flatMap((node) => baseName(node) ?? []));
  return found
    .filter((node) => found.length === 1 || node.name === undefined || !bases.has(node.name.text))
    .map((node) => ({ source, node, name: nameOfClass(node) }));
}

/** Whether a class says that it implements a service's generated interface, by whatever name its file has for it. */
export function implementsService(node: ClassNode, imports: FileImports, outline: ServicerOutline): boolean {
  return heritage(node, ts.SyntaxKind.ImplementsKeyword).some(({ expression }) =>
    namesServicer(expression, imports, outline),
  );
}

/** The classes of a file that have the name a first run gives, and implement no other service's interface. */
export function classesNamed(source: TypeScriptSource, outline: ServicerOutline): ServicerClass[] {
  return classesOf(source.root)
    .filter((node) => nameOfClass(node) === outline.className)
    .filter((node) =>
      heritage(node, ts.SyntaxKind.ImplementsKeyword).every(
        ({ expression }) => !/Servicer$/.test(expression.getText(source.root)),
      ),
    )
    .map((node) => ({ source, node, name: nameOfClass(node) }));
}

/** Where a file implements a service with an object instead of a class; undefined where it doesn't. */
export function servicerObject(
  source: TypeScriptSource,
  imports: FileImports,
  outline: ServicerOutline,
): ts.ObjectLiteralExpression | undefined {
  let found: ts.ObjectLiteralExpression | undefined;
  visitNodes(source.root, (node) => {
    if (found === undefined && ts.isObjectLiteralExpression(node)) {
      const type = typeOfLiteral(node);
      if (type !== undefined && ts.isTypeReferenceNode(type) && namesServicer(type.typeName, imports, outline)) {
        found = node;
      }
    }
  });
  return found;
}

/** What a class extends: the expression behind `extends`. */
export function baseOf(node: ClassNode): ts.Expression | undefined {
  return heritage(node, ts.SyntaxKind.ExtendsKeyword)[0]?.expression;
}

/** All classes of a file, wherever they stand. */
export function classesOf(root: ts.SourceFile): ClassNode[] {
  const classes: ClassNode[] = [];
  visitNodes(root, (node) => {
    if (ts.isClassDeclaration(node) || ts.isClassExpression(node)) {
      classes.push(node);
    }
  });
  return classes;
}

/** The name that a class goes by: its own, or that of the constant it is assigned to. */
export function nameOfClass(node: ClassNode): string {
  if (node.name !== undefined) {
    return node.name.text;
  }
  let parent: ts.Node = node.parent;
  while (ts.isParenthesizedExpression(parent) || ts.isAsExpression(parent) || ts.isSatisfiesExpression(parent)) {
    parent = parent.parent;
  }
  return ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name) ? parent.name.text : "(anonymous class)";
}

function heritage(node: ClassNode, token: ts.HeritageClause["token"]): ts.ExpressionWithTypeArguments[] {
  return (node.heritageClauses ?? []).filter((clause) => clause.token === token).flatMap((clause) => [...clause.types]);
}

function baseName(node: ClassNode): string | undefined {
  const base = baseOf(node);
  return base !== undefined && ts.isIdentifier(base) ? base.text : undefined;
}

/** Whether a name means the service's interface: imported from its module, or from one that isn't known. */
function namesServicer(name: ts.Node, imports: FileImports, { servicer }: ServicerOutline): boolean {
  if (ts.isIdentifier(name)) {
    const imported = imports.named.find(({ local }) => local === name.text);
    return imported === undefined
      ? name.text === servicer.name
      : imported.name === servicer.name && imports.mayBe(imported.specifier, servicer.module);
  }
  const [left, right] = ts.isPropertyAccessExpression(name)
    ? [name.expression, name.name]
    : ts.isQualifiedName(name)
      ? [name.left, name.right]
      : [];
  if (left === undefined || right === undefined || right.text !== servicer.name) {
    return false;
  }
  const namespace = imports.namespaces.find(({ local }) => ts.isIdentifier(left) && local === left.text);
  return namespace === undefined || imports.mayBe(namespace.specifier, servicer.module);
}

/** The type that the code around an object literal says it has. */
function typeOfLiteral(node: ts.ObjectLiteralExpression): ts.TypeNode | undefined {
  let parent: ts.Node = node.parent;
  while (ts.isParenthesizedExpression(parent)) {
    parent = parent.parent;
  }
  if (ts.isSatisfiesExpression(parent) || ts.isVariableDeclaration(parent) || ts.isArrowFunction(parent)) {
    return parent.type;
  }
  if (ts.isReturnStatement(parent)) {
    const owner = ts.findAncestor(parent, ts.isFunctionLike);
    return owner?.type;
  }
  return undefined;
}

import { ts } from "ts-morph";
import { namedMembers } from "./class-members.js";
import type { FileImports } from "./file-imports.js";
import type { ClassNode } from "./servicer-class.js";
import type { ServicerOutline } from "./servicer-outline.js";
import { placeOf, type SourcePlace, type TypeScriptSource, visitNodes } from "./typescript-source.js";

/** A method that was written for the service, which the service doesn't have any more. */
export interface StaleMethod extends SourcePlace {
  readonly name: string;
}

/**
 * The methods of a class that look like a service's and are none of its methods. A method looks like a service's if it
 * takes a `CallContext`, if it is asynchronous and takes a message of generated code or a stream of them, or if its types
 * name it: `LedgerServiceServicer["transfer"]`. Private, protected and static members are the class's own business.
 *
 * @param known names that are no longer this service's but still another's that the class implements
 */
export function staleMethods(
  source: TypeScriptSource,
  node: ClassNode,
  imports: FileImports,
  outline: ServicerOutline,
  known: ReadonlySet<string>,
): StaleMethod[] {
  const current = new Set([...outline.methods.map(({ name }) => name), ...known]);
  const stale = namedMembers(node)
    .filter(({ name, member }) => !current.has(name) && isPublic(member))
    .filter(({ name, member }) => isHandler(member, imports) || isTypedAs(member, name, outline, imports));
  const firsts = stale.filter(({ name }, index) => stale.findIndex((other) => other.name === name) === index);
  return firsts.map(({ name, member }) => ({
    name,
    ...placeOf(source, (member.name ?? member).getStart(source.root)),
  }));
}

function isPublic(member: ts.ClassElement): boolean {
  const modifiers = ts.canHaveModifiers(member) ? (ts.getModifiers(member) ?? []) : [];
  return !modifiers.some(
    ({ kind }) => kind === ts.SyntaxKind.PrivateKeyword || kind === ts.SyntaxKind.ProtectedKeyword,
  );
}

/** A method, or an arrow function or function in a field, that takes what a service's methods take. */
function isHandler(member: ts.ClassElement, imports: FileImports): boolean {
  const signature = ts.isPropertyDeclaration(member) ? member.initializer : member;
  if (signature === undefined || !(ts.isMethodDeclaration(signature) || isFunction(signature))) {
    return false;
  }
  const [first, second] = signature.parameters;
  return (
    [first, second].some((parameter) => isContext(parameter?.type, imports)) ||
    (isAsync(signature) && isMessage(first?.type, imports))
  );
}

function isFunction(node: ts.Node): node is ts.ArrowFunction | ts.FunctionExpression {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node);
}

function isAsync({
  modifiers,
  asteriskToken,
  type,
}: ts.MethodDeclaration | ts.ArrowFunction | ts.FunctionExpression): boolean {
  return (
    modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) === true ||
    asteriskToken !== undefined ||
    /^(?:Promise|AsyncIterable|AsyncGenerator|AsyncIterableIterator)$/.test(referenceName(type) ?? "")
  );
}

function isContext(type: ts.TypeNode | undefined, imports: FileImports): boolean {
  const name = referenceName(type);
  const imported = imports.named.find(({ local }) => local === name)?.name;
  return imported === "CallContext" || name?.endsWith(".CallContext") === true;
}

/** Whether a type is a message of generated code, or an `AsyncIterable` of one. */
function isMessage(type: ts.TypeNode | undefined, imports: FileImports): boolean {
  const name = referenceName(type);
  if (type !== undefined && ts.isTypeReferenceNode(type) && name === "AsyncIterable") {
    return isMessage(type.typeArguments?.[0], imports);
  }
  const [first] = name?.split(".") ?? [];
  return [...imports.named, ...imports.namespaces].some(
    ({ local, specifier }) => local === first && /_pb(?:\.[cm]?[jt]s)?$/.test(specifier),
  );
}

/** `CallContext`, or `runtime.CallContext`, of a type that is a name. */
function referenceName(type: ts.TypeNode | undefined): string | undefined {
  return type !== undefined && ts.isTypeReferenceNode(type) ? type.typeName.getText().replace(/\s/g, "") : undefined;
}

/** Whether the types of a member say `Interface["name"]`. */
function isTypedAs(member: ts.ClassElement, name: string, outline: ServicerOutline, imports: FileImports): boolean {
  const servicer = imports.named.find((imported) => imported.name === outline.servicer.name)?.local;
  let found = false;
  visitNodes(member, (node) => {
    found ||=
      ts.isIndexedAccessTypeNode(node) &&
      ts.isTypeReferenceNode(node.objectType) &&
      ts.isIdentifier(node.objectType.typeName) &&
      node.objectType.typeName.text === servicer &&
      ts.isLiteralTypeNode(node.indexType) &&
      ts.isStringLiteral(node.indexType.literal) &&
      node.indexType.literal.text === name;
  });
  return found;
}

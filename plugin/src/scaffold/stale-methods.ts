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
 * The methods of a class that look like a service's and are none of its methods. A method looks like a service's if
 * one of its parameters is a `CallContext`, or if its types name it: `LedgerServiceServicer["transfer"]`. Private,
 * protected and static members are the class's own business.
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
  const contexts = new Set(imports.named.filter(({ name }) => name === "CallContext").map(({ local }) => local));
  const stale = namedMembers(node)
    .filter(({ name, member }) => !current.has(name) && isPublic(member))
    .filter(({ name, member }) => takesContext(member, contexts) || isTypedAs(member, name, outline, imports));
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

function takesContext(member: ts.ClassElement, contexts: ReadonlySet<string>): boolean {
  let signature: ts.Node | undefined = ts.isMethodDeclaration(member) ? member : undefined;
  if (ts.isPropertyDeclaration(member) && member.initializer !== undefined) {
    signature = ts.isFunctionLike(member.initializer) ? member.initializer : undefined;
  }
  return (
    signature !== undefined &&
    ts.isFunctionLike(signature) &&
    signature.parameters.slice(0, 2).some(({ type }) => {
      const name = type && ts.isTypeReferenceNode(type) ? type.typeName : undefined;
      return (
        name !== undefined && (ts.isIdentifier(name) ? contexts.has(name.text) : name.right.text === "CallContext")
      );
    })
  );
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

import { Project, type SourceFile, ts } from "ts-morph";

/** A place in a text: line and column are 1-based, the column counts UTF-16 units as editors do. */
export interface SourcePlace {
  readonly line: number;
  readonly column: number;
}

/** What keeps a file from being parsed. */
export interface SyntaxProblem extends SourcePlace {
  readonly message: string;
}

/** A parsed TypeScript file. */
export interface TypeScriptSource {
  readonly path: string;
  /** The text as it was parsed, without a byte order mark. Positions in `root` count in it. */
  readonly text: string;
  readonly root: ts.SourceFile;
  /** The first thing that doesn't parse. What is in `root` is a guess then, good for looking, not for writing. */
  readonly problem: SyntaxProblem | undefined;
}

/**
 * Parses a TypeScript file. Nothing else is read: no libraries, no imported files, no tsconfig.
 *
 * @param path decides between TypeScript and TSX; the file needn't exist
 */
export function parseTypeScript(path: string, text: string): TypeScriptSource {
  const project = new Project({
    useInMemoryFileSystem: true,
    skipLoadingLibFiles: true,
    skipFileDependencyResolution: true,
    compilerOptions: { noLib: true, noResolve: true, types: [], target: ts.ScriptTarget.Latest },
  });
  const file = project.createSourceFile(`source${extensionOf(path)}`, text);
  return { path, text, root: file.compilerNode, problem: firstProblem(project, file) };
}

/** Where a position is. */
export function placeOf(source: TypeScriptSource, position: number): SourcePlace {
  const { line, character } = source.root.getLineAndCharacterOfPosition(position);
  return { line: line + 1, column: character + 1 };
}

/** Visits a node and everything below it, parents first. */
export function visitNodes(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => visitNodes(child, visit));
}

function firstProblem(project: Project, file: SourceFile): SyntaxProblem | undefined {
  const [diagnostic] = project.getProgram().getSyntacticDiagnostics(file);
  if (diagnostic === undefined) {
    return undefined;
  }
  const { line, character } = file.compilerNode.getLineAndCharacterOfPosition(diagnostic.getStart());
  return {
    line: line + 1,
    column: character + 1,
    message: ts.flattenDiagnosticMessageText(diagnostic.compilerObject.messageText, " "),
  };
}

function extensionOf(path: string): string {
  return /\.(?:tsx|mts|cts|ts)$/.exec(path)?.[0] ?? ".ts";
}

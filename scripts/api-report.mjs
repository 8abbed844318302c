// Reports what each entry point of the packages exports, from the types that are built: `api/<package>-<entry>.txt`. A change of it is
// a change of what users call, and is to be seen in review. Fails if a signature names a type that neither its entry nor the package's main one exports.
//
//   node scripts/api-report.mjs          writes the reports anew
//   node scripts/api-report.mjs --check  compares them, as `npm run check` does
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Node, Project, ts } from "ts-morph";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const isCheck = process.argv.includes("--check");
const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });

const problems = [];
for (const folder of ["runtime", "plugin"]) {
  const { exports } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  const project = new Project({
    compilerOptions: {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      strict: true,
    },
    skipAddingFilesFromTsConfig: true,
  });
  const reported = new Set();
  for (const [entry, target] of Object.entries(exports)) {
    // Several names of one entry have one report.
    if (typeof target === "object" && !reported.has(target.import)) {
      reported.add(target.import);
      const [file, main] = [target, exports["."]].map(({ import: path }) =>
        project.addSourceFileAtPath(join(root, folder, path.replace(/\.js$/, ".d.ts"))),
      );
      report(`${folder}${entry.slice(1).replaceAll("/", "-")}`, file, main, join(root, folder));
    }
  }
}
if (problems.length > 0) {
  process.stderr.write(`${problems.join("\n")}\n`);
  process.exit(1);
}

function report(name, file, main, folder) {
  const exported = file.getExportedDeclarations();
  const known = new Set([...exported.values(), ...main.getExportedDeclarations().values()].flat());
  const lines = [];
  for (const [symbol, declarations] of [...exported].sort(([a], [b]) => (a < b ? -1 : 1))) {
    lines.push(...declarations.map((declaration) => textOf(symbol, declaration)), "");
    for (const hidden of new Set(declarations.flatMap((declaration) => namedBy(declaration, known, folder)))) {
      problems.push(`${name}: ${symbol} names ${hidden}, which neither the entry nor the main one exports`);
    }
  }
  const path = join(root, "api", `${name}.txt`);
  const text = `${lines.join("\n").trimEnd()}\n`;
  if (!isCheck) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } else if (!existsSync(path) || readFileSync(path, "utf8") !== text) {
    problems.push(
      `api/${name}.txt isn't what the entry exports: run \`node scripts/api-report.mjs\`, and see whether that is meant`,
    );
  }
}

/** A declaration without comments and bodies. Schemas of messages are named, not printed: protoc-gen-es made them. */
function textOf(symbol, declaration) {
  if (Node.isSourceFile(declaration)) {
    return `namespace ${symbol} = ${declaration.getBaseNameWithoutExtension()}`;
  }
  const statement = declaration.getFirstAncestorByKind(ts.SyntaxKind.VariableStatement) ?? declaration;
  const text = printer.printNode(
    ts.EmitHint.Unspecified,
    statement.compilerNode,
    declaration.getSourceFile().compilerNode,
  );
  return text.replace(/^export (?:declare )?/, "");
}

/** The types of the package that a declaration names and the entry doesn't export. */
function namedBy(declaration, known, folder) {
  return declaration.getDescendantsOfKind(ts.SyntaxKind.Identifier).flatMap((identifier) => {
    const parent = identifier.getParent();
    const isNamed =
      Node.isTypeReference(parent) || Node.isExpressionWithTypeArguments(parent) || Node.isQualifiedName(parent);
    if (!isNamed || isPrivate(identifier) || identifier.getAncestors().some(Node.isJSDoc)) {
      return [];
    }
    const symbol = identifier.getSymbol();
    const declared = (symbol?.getAliasedSymbol() ?? symbol)?.getDeclarations() ?? [];
    const isOwn = declared.some((each) => each.getSourceFile().getFilePath().startsWith(join(folder, "dist")));
    const isHere = declared.some(
      (each) => known.has(each) || Node.isTypeParameterDeclaration(each) || each.getAncestors().includes(declaration),
    );
    const [from] = declared;
    return isOwn && !isHere
      ? [
          `${identifier.getText()} (${from
            ?.getSourceFile()
            .getFilePath()
            .replace(/^.*\/dist\/esm\//, "")})`,
        ]
      : [];
  });
}

function isPrivate(identifier) {
  return identifier
    .getAncestors()
    .some((each) => Node.isModifierable(each) && each.hasModifier(ts.SyntaxKind.PrivateKeyword));
}

// The reference of what users import, made by TypeDoc of the sources.
import { join } from "node:path";
import { Application, OptionDefaults } from "typedoc";

/** The entries that users' own code imports. What generated code calls isn't for them. */
const ENTRIES = {
  "@accord-grpc/runtime": "runtime/src/index.ts",
  "@accord-grpc/runtime/testing": "runtime/src/testing/index.ts",
  "@accord-grpc/runtime/google-rpc": "runtime/src/google-rpc.ts",
};

/** Writes the pages. @throws {Error} if the sources don't compile, or a comment names what isn't there */
export async function writeApiPages(root, out) {
  const app = await Application.bootstrapWithPlugins({
    name: "API",
    entryPoints: Object.values(ENTRIES).map((path) => join(root, path)),
    tsconfig: join(root, "site/tsconfig.api.json"),
    plugin: ["typedoc-plugin-markdown"],
    out,
    entryFileName: "index",
    readme: "none",
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    disableGit: true,
    basePath: root,
    gitRevision: "main",
    sourceLinkTemplate: "https://github.com/accord-grpc/accord/blob/main/{path}#L{line}",
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    sanitizeComments: true,
    // protoc-gen-es writes it.
    blockTags: [...OptionDefaults.blockTags, "@generated"],
    logLevel: "Warn",
    validation: { notExported: false, invalidLink: true, notDocumented: false },
  });
  const project = await app.convert();
  if (project === undefined) {
    throw new Error("TypeDoc couldn't read the sources.");
  }
  for (const [name, path] of Object.entries(ENTRIES)) {
    const entry = project.children?.find(({ sources }) => sources?.some(({ fileName }) => path.endsWith(fileName)));
    if (entry !== undefined) {
      entry.name = name;
    }
  }
  await app.generateOutputs(project);
  if (app.logger.hasErrors()) {
    throw new Error("TypeDoc found errors.");
  }
}

// Builds @accord-grpc/protoc-gen-accord: its two commands as bundles that start fast, the library as ES modules and as
// CommonJS, and copies of what an installed package needs beside them.
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { program } from "./programs.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const plugin = join(root, "plugin");
const dist = join(plugin, "dist");

/** protoplugin loads a compiler as soon as it is imported. Ours is loaded when it is needed, and handed to protoplugin. */
const withoutCompiler = {
  name: "without-compiler",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(typescript|@typescript\/vfs)$/ }, ({ path }) => ({ path, namespace: "unused" }));
    onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: "module.exports = {};", loader: "js" }));
  },
};

// dist/.accord-built belongs to set-up.mjs, which writes it after a build.
rmSync(dist, { recursive: true, force: true });
/** In CommonJS there is no import.meta, so code that asks for it asks for __dirname first. */
const quiet = { logLevel: "warning", logOverride: { "empty-import-meta": "silent" } };

/** Comments are parsed as Markdown by one module, which is bundled with its libraries, which are ESM alone, into a file of its own. */
const MARKDOWN = "emit/docs/comment-markdown";

const markdownBeside = {
  name: "markdown-beside",
  setup({ onResolve }) {
    onResolve({ filter: /\/comment-markdown\.js$/ }, () => ({ path: "./comment-markdown.cjs", external: true }));
  },
};

const outcomes = await Promise.allSettled([bundleCommands(), library()]);
copyIntoPackage();
for (const { reason } of outcomes.filter(({ status }) => status === "rejected")) {
  // tsc writes its errors to stdout.
  process.stderr.write(`${reason.stdout || reason.stderr || reason.message}\n`);
  process.exitCode = 1;
}

/** The commands, each with its modules in one file: that starts about three times as fast as loading them one by one. */
async function bundleCommands() {
  await build({
    absWorkingDir: plugin,
    entryPoints: ["src/bin/protoc-gen-accord.ts", "src/bin/accord.ts", "src/bin/buf-plugin-accord.ts"],
    outdir: "dist/bin",
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    // Loaded by those commands and targets that need them.
    external: ["ts-morph", "handlebars", "yaml", "@bufbuild/protovalidate"],
    plugins: [withoutCompiler, markdownBeside],
    ...quiet,
  });
  await bundleMarkdown("dist/bin/comment-markdown.cjs", "cjs");
  await writeAnswers();
}

/** What `buf-plugin-accord` says to questions whose answer is always the same: each answer a file, and tables of the questions. */
async function writeAnswers() {
  const { constantAnswers } = createRequire(import.meta.url)(join(dist, "bin/buf-plugin-accord.cjs"));
  const questions = await constantAnswers();
  const folder = join(dist, "bin/answers");
  mkdirSync(folder);
  const answers = [...new Set(questions.map(({ answer }) => answer))];
  for (const [index, answer] of answers.entries()) {
    writeFileSync(join(folder, String(index)), Buffer.from(answer, "base64"));
  }
  const rows = questions.map(({ args, request, answer }) => ({
    line: args.join(" "),
    bytes: Buffer.from(request),
    index: answers.indexOf(answer),
  }));
  const table = rows.map(({ line, bytes, index }) => [`${line} ${bytes.toString("base64")}`.trim(), String(index)]);
  writeFileSync(join(folder, "table.json"), `${JSON.stringify(Object.fromEntries(table))}\n`);
  const octal = (bytes) => [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  const cases = rows.map(({ line, bytes, index }) => `'${`${line} ${octal(bytes)}`.trim()}') answer=${index} ;;\n`);
  writeFileSync(join(folder, "table.sh"), `case $question in\n${cases.join("")}esac\n`);
}

async function bundleMarkdown(outfile, format, external = []) {
  const { metafile } = await build({
    absWorkingDir: plugin,
    entryPoints: [`src/${MARKDOWN}.ts`],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format,
    external,
    metafile: true,
    ...quiet,
  });
  writeFileSync(join(dist, "THIRD-PARTY-LICENSES.txt"), licensesOf(Object.keys(metafile.inputs)));
}

/** The licenses of the packages that files come from, which what is bundled has to carry along. */
function licensesOf(files) {
  const folders = new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
  const texts = [...folders].sort().map((folder) => {
    const license = readdirSync(join(plugin, folder)).find((name) => /^licen[cs]e/i.test(name));
    const name = folder.replace(/^.*node_modules\//, "");
    return `${name}\n${"=".repeat(name.length)}\n\n${license === undefined ? "" : readFileSync(join(plugin, folder, license), "utf8").trim()}\n`;
  });
  return texts.join("\n");
}

/** ES modules and declarations by the compiler; then the same modules as CommonJS, file by file, and the declarations again. */
async function library() {
  const esm = join(dist, "esm");
  const cjs = join(dist, "cjs");
  await promisify(execFile)(...program("tsc", ["-p", "tsconfig.build.json", "--outDir", esm]), {
    cwd: plugin,
    maxBuffer: 64 << 20,
  });
  const modules = readdirSync(esm, { recursive: true }).map(String);
  await build({
    absWorkingDir: plugin,
    entryPoints: modules
      .filter((name) => name.endsWith(".js"))
      .map((name) => join("src", name.replace(/\.js$/, ".ts"))),
    outdir: "dist/cjs",
    platform: "node",
    target: "node20",
    format: "cjs",
    ...quiet,
  });
  const own = ["@accord-grpc/runtime"];
  await bundleMarkdown(`dist/esm/${MARKDOWN}.js`, "esm", own);
  await bundleMarkdown(`dist/cjs/${MARKDOWN}.js`, "cjs", own);
  for (const name of modules.filter((name) => /\.d\.ts(\.map)?$/.test(name))) {
    cpSync(join(esm, name), join(cjs, name));
  }
  writeFileSync(join(cjs, "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
}

/** The contract language, for users' own protos to import; the templates; the license. */
function copyIntoPackage() {
  for (const name of ["proto", "templates", "LICENSE"]) {
    rmSync(join(plugin, name), { recursive: true, force: true });
    if (existsSync(join(root, name))) {
      cpSync(join(root, name), join(plugin, name), { recursive: true });
    }
  }
}

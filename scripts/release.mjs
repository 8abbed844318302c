// What a release needs, in order:
//
//   npm run release -- 0.2.0            both packages get the version, the changelog's "Unreleased" becomes its section, all is generated anew
//   npm run release -- --check          what would be published: versions in step, a section in the changelog, the tarballs' contents
//   npm run release -- --check --tag=v0.2.0   the same, for the tag that publishes it (.github/workflows/release.yml)
//   npm run release -- --notes          the section of the present version
//
// It commits and publishes nothing.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { program } from "./programs.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const PACKAGES = ["runtime", "plugin"];
/** Published or not: all that depend on the packages. */
const WORKSPACES = [...PACKAGES, "example"];
/** Sources that say which version they are: in headers of generated code, and to OpenTelemetry. */
const SOURCES = ["plugin/src/version.ts", "runtime/src/telemetry/instrumentation-scope.ts"];
const GENERATED_OUTPUT = "### Generated output";

const args = process.argv.slice(2);
const [version] = args.filter((arg) => !arg.startsWith("-"));
const tag = args.find((arg) => arg.startsWith("--tag="))?.slice("--tag=".length);
const unknown = args.filter(
  (arg) => arg !== version && arg !== "--check" && arg !== "--notes" && !arg.startsWith("--tag="),
);

if (unknown.length > 0 || (version === undefined) === !(args.includes("--check") || args.includes("--notes"))) {
  fail("Write the new version, `--check` with or without `--tag=v1.2.3`, or `--notes`.");
} else if (version !== undefined) {
  release(version);
} else if (args.includes("--notes")) {
  process.stdout.write(
    `${section(presentVersion()) ?? fail(`CHANGELOG.md has no section for ${presentVersion()}.`)}\n`,
  );
} else {
  check();
}

/** Writes a version wherever it stands. */
function release(next) {
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(next)) {
    fail(`${next} isn't a version: write 1.2.3, or 1.2.3-rc.1.`);
  }
  if (git("status", "--porcelain") !== "") {
    fail("There are changes that aren't committed: a release is made of what is.");
  }
  const present = presentVersion();
  const changelog = readFileSync(join(root, "CHANGELOG.md"), "utf8");
  const [heading] =
    /^## Unreleased.*$/m.exec(changelog) ?? fail("CHANGELOG.md has no section that begins with `## Unreleased`.");
  if (!section("Unreleased").includes(GENERATED_OUTPUT)) {
    fail(
      `CHANGELOG.md's section "Unreleased" has no "${GENERATED_OUTPUT}": say there what changes, or that nothing does.`,
    );
  }
  for (const folder of WORKSPACES) {
    const manifest = manifestOf(folder);
    if (PACKAGES.includes(folder)) {
      manifest.version = next;
    }
    for (const [dependencies, name] of ownDependencies(manifest)) {
      dependencies[name] = next;
    }
    writeFileSync(join(root, folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  }
  for (const source of SOURCES) {
    const text = readFileSync(join(root, source), "utf8");
    writeFileSync(join(root, source), text.replace(`"${present}"`, `"${next}"`));
  }
  const today = new Date().toISOString().slice(0, 10);
  writeFileSync(join(root, "CHANGELOG.md"), changelog.replace(heading, `## Unreleased\n\n## ${next} (${today})`));
  npm(["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"]);
  npm(["run", "--silent", "generate"]);
  process.stdout.write(
    `Both packages are ${next}. Look at \`git diff\`, then:\n\n  git commit -am "Release ${next}" && git tag v${next} && git push --follow-tags\n`,
  );
}

/** Tells all that would keep the present state from being published. */
function check() {
  const present = presentVersion();
  const problems = [];
  for (const folder of WORKSPACES) {
    const manifest = manifestOf(folder);
    if (PACKAGES.includes(folder) && manifest.version !== present) {
      problems.push(
        `${manifest.name} is ${manifest.version}, and the runtime is ${present}: they are released in step.`,
      );
    }
    for (const [dependencies, name] of ownDependencies(manifest)) {
      if (dependencies[name] !== present) {
        problems.push(`${manifest.name} depends on ${name} ${dependencies[name]}, not on ${present}.`);
      }
    }
  }
  for (const source of SOURCES) {
    if (!readFileSync(join(root, source), "utf8").includes(`"${present}"`)) {
      problems.push(`${source} says another version than ${present}.`);
    }
  }
  if (tag !== undefined && tag !== `v${present}`) {
    problems.push(`The tag is ${tag}, and the packages are ${present}.`);
  }
  const notes = section(present) ?? (tag === undefined ? section("Unreleased") : undefined);
  if (notes === undefined) {
    problems.push(`CHANGELOG.md has no section "## ${present}".`);
  } else if (!notes.includes(GENERATED_OUTPUT)) {
    problems.push(`CHANGELOG.md's section of ${present} has no "${GENERATED_OUTPUT}".`);
  }
  execFileSync(process.execPath, ["scripts/set-up.mjs"], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  for (const folder of PACKAGES) {
    problems.push(...packed(folder));
  }
  if (problems.length > 0) {
    fail(problems.join("\n"));
  }
}

/** Prints what a tarball would hold, and returns what is wrong with that. */
function packed(folder) {
  const [{ name, version, size, unpackedSize, files }] = JSON.parse(
    execFileSync(...program("npm", ["pack", "--dry-run", "--json", "--ignore-scripts", "-w", folder]), {
      cwd: root,
      encoding: "utf8",
      maxBuffer: 64 << 20,
    }),
  );
  const paths = new Set(files.map(({ path }) => path));
  process.stdout.write(
    `${name} ${version}: ${paths.size} files, ${(size / 1e6).toFixed(2)} MB packed, ${(unpackedSize / 1e6).toFixed(2)} MB unpacked\n`,
  );
  const missing = ["README.md", "LICENSE", "package.json"].filter((path) => !paths.has(path));
  const { exports, bin = {} } = manifestOf(folder);
  const named = [
    ...Object.values(exports).flatMap((entry) => (typeof entry === "string" ? entry : Object.values(entry))),
    ...Object.values(bin),
  ]
    .map((path) => path.replace(/^\.\//, ""))
    .filter((path) => !path.includes("*") && !paths.has(path));
  const stray = [...paths].filter((path) =>
    /\.(test|suite|attack|fixture|test-support)\.|(^|\/)\.|\.js\.map$/.test(path),
  );
  return [
    ...[...missing, ...named].map((path) => `${name} lacks ${path}, or \`files\` in its package.json leaves it out.`),
    ...stray.map((path) => `${name} would publish ${path}.`),
  ];
}

/** A section of the changelog, without its heading; `undefined` if there is none. */
function section(name) {
  const text = readFileSync(join(root, "CHANGELOG.md"), "utf8");
  const start = text.split("\n").findIndex((line) => line.startsWith(`## ${name}`));
  if (start < 0) {
    return undefined;
  }
  const rest = text.split("\n").slice(start + 1);
  const end = rest.findIndex((line) => line.startsWith("## "));
  return rest
    .slice(0, end < 0 ? undefined : end)
    .join("\n")
    .trim();
}

/** A workspace's dependencies on the packages: the object that they stand in, and the name. */
function ownDependencies(manifest) {
  const names = PACKAGES.map((folder) => manifestOf(folder).name);
  return [manifest.dependencies, manifest.devDependencies, manifest.peerDependencies]
    .filter((dependencies) => dependencies !== undefined)
    .flatMap((dependencies) => names.filter((name) => name in dependencies).map((name) => [dependencies, name]));
}

function presentVersion() {
  return manifestOf("runtime").version;
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
}

function git(...parts) {
  return existsSync(join(root, ".git")) ? execFileSync("git", parts, { cwd: root, encoding: "utf8" }).trim() : "";
}

function npm(parts) {
  execFileSync(...program("npm", parts), { cwd: root, stdio: "inherit" });
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

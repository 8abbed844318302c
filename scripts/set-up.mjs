// Brings a checkout into a state in which everything runs: dependencies installed, packages built.
// It needs nothing but Node, does only what is missing, and says what takes long.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { program } from "./programs.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const OLDEST_NODE = 20;

if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE) {
  fail(`Accord needs Node ${OLDEST_NODE} or newer; this is ${process.version}.`);
}

await step({
  title: "Installing dependencies",
  stamp: "node_modules/.accord-installed",
  inputs: ["package-lock.json", "package.json", "runtime/package.json", "plugin/package.json", "example/package.json"],
  needs: ["node_modules"],
  // `npm ci` would delete a node_modules that is already there; `install` only adds what is missing. It leaves the lock
  // file alone: npm would drop the packages of other platforms from it.
  npm: existsSync(join(root, "node_modules"))
    ? ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]
    : ["ci", "--no-audit", "--no-fund", "--loglevel=error"],
});
await step({
  title: "Building @accord-grpc/runtime",
  stamp: "runtime/dist/.accord-built",
  inputs: ["runtime/src", "runtime/package.json", "scripts/build-runtime.mjs", "package-lock.json"],
  needs: ["runtime/dist/esm/index.js", "runtime/dist/cjs/index.js"],
  npm: ["run", "--silent", "build", "-w", "runtime"],
});
await step({
  title: "Building @accord-grpc/protoc-gen-accord",
  stamp: "plugin/dist/.accord-built",
  inputs: [
    "plugin/src",
    "plugin/bin",
    "plugin/package.json",
    "proto",
    "templates",
    "runtime/src/contract",
    "scripts/build-plugin.mjs",
    "package-lock.json",
  ],
  needs: ["plugin/dist/esm/index.js", "plugin/dist/cjs/index.js", "plugin/proto"],
  npm: ["run", "--silent", "build", "-w", "plugin"],
});

/** Has npm do something unless its inputs are what they were when it last succeeded and what it makes is there. */
async function step({ title, stamp, inputs, needs, npm }) {
  const stampPath = join(root, stamp);
  const digest = digestOf(inputs);
  const made = needs.every((path) => existsSync(join(root, path)));
  if (made && existsSync(stampPath) && readFileSync(stampPath, "utf8") === digest) {
    return;
  }
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  process.stderr.write(`${title} …\n`);
  const heartbeat = setInterval(() => process.stderr.write(`  still at it after ${seconds()}\n`), 15_000);
  try {
    await run(npm);
  } catch (error) {
    fail(`${title} failed: \`npm ${npm.join(" ")}\`\n\n${error.message}`);
  } finally {
    clearInterval(heartbeat);
  }
  mkdirSync(dirname(stampPath), { recursive: true });
  // Installing may rewrite the lock file, so the inputs are read again.
  writeFileSync(stampPath, digestOf(inputs));
  process.stderr.write(`  done in ${seconds()}\n`);
}

function run(args) {
  return new Promise((resolve, reject) => {
    const child = execFile(...program("npm", args), { cwd: root, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (error === null) {
        resolve();
      } else {
        reject(new Error(`${stdout}${stderr}`.trim() || error.message));
      }
    });
    process.once("SIGINT", () => child.kill("SIGINT"));
  });
}

function digestOf(paths) {
  const hash = createHash("sha256").update(process.versions.modules);
  for (const path of paths) {
    for (const file of filesIn(join(root, path))) {
      hash.update(file).update("\0").update(readFileSync(file));
    }
  }
  return hash.digest("hex");
}

function filesIn(path) {
  if (!existsSync(path)) {
    return [];
  }
  if (statSync(path).isFile()) {
    return [path];
  }
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesIn(join(path, name)));
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

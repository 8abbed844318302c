#!/usr/bin/env node
"use strict";
// buf starts its plugin nine times for each lint, and eight times asks what is always the same: that is answered from a table
// that the build has made, and the rules are loaded only to check something. Behind `buf-plugin-accord`, which needs no Node
// for that, and in its place on Windows and where a package manager starts it.
const { readFileSync } = require("node:fs");
const { enableCompileCache } = require("node:module");
const { join } = require("node:path");
const answers = join(__dirname, "../dist/bin/answers");
const table = require("../dist/bin/answers/table.json");

const args = process.argv.slice(2);

run().catch((error) => {
  // A defect of ours: only its stack helps to find it.
  process.stderr.write(`buf-plugin-accord: internal error, please report it.\n${error?.stack ?? error}\n`);
  process.exitCode = 1;
});

async function run() {
  const request = args[0]?.startsWith("/") ? await readRequest() : Buffer.alloc(0);
  const question = args.join(" ").replace(/ --format binary$/, "");
  const answer = request.length < 200 ? table[`${question} ${request.toString("base64")}`.trim()] : undefined;
  if (answer !== undefined) {
    process.stdout.write(readFileSync(join(answers, answer)));
    return;
  }
  // From Node 22 on.
  enableCompileCache?.();
  const { main } = require("../dist/bin/buf-plugin-accord.cjs");
  process.exitCode = await main(args, request);
}

async function readRequest() {
  const chunks = [];
  // Nobody types a request.
  if (!process.stdin.isTTY) {
    for await (const chunk of process.stdin) {
      chunks.push(chunk);
    }
  }
  return Buffer.concat(chunks);
}

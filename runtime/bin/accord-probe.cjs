#!/usr/bin/env node
"use strict";
const { runProbe } = require("../dist/cjs/probe/probe-command.js");

runProbe(process.argv.slice(2), (text) => process.stderr.write(text)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error) => {
    // A defect of ours: only its stack helps to find it.
    process.stderr.write(`accord-probe: internal error, please report it.\n${error?.stack ?? error}\n`);
    process.exitCode = 1;
  },
);

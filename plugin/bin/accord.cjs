#!/usr/bin/env node
"use strict";
const { main } = require("../dist/bin/accord.cjs");

main(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error) => {
    // A defect of ours: only its stack helps to find it.
    process.stderr.write(`accord: internal error, please report it.\n${error?.stack ?? error}\n`);
    process.exitCode = 1;
  },
);

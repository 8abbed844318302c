// A plugin that writes down what it is asked, and generates nothing: `node capture.mjs <file>`.
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";

await pipeline(process.stdin, createWriteStream(process.argv[2]));

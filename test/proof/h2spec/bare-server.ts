// The least server that node:http2 allows: `bare-server.js [certificate key]`. It says `listening on <port>`.
import { readFileSync } from "node:fs";
import { createSecureServer, createServer } from "node:http2";
import type { AddressInfo } from "node:net";

const [certificate, key] = process.argv.slice(2);
const server =
  certificate === undefined || key === undefined
    ? createServer()
    : createSecureServer({ cert: readFileSync(certificate), key: readFileSync(key) });

// What a peer breaks is told to it by Node; here it only mustn't end the process.
server.on("sessionError", () => {});
server.on("stream", (stream) => {
  stream.on("error", () => {});
  stream.resume();
  stream.respond({ ":status": 200, "content-type": "text/plain" });
  stream.end("hello");
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`listening on ${(server.address() as AddressInfo).port}\n`);
});

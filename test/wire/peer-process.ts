// One peer in a process of its own: `peer-process.js accord server`, `peer-process.js grpc-js client <target>`. It says what happens
// in lines of JSON, and a client gets its work the same way.
import { createInterface } from "node:readline";
import * as accord from "./accord-peer.js";
import * as grpcJs from "./grpc-js-peer.js";
import { doWork } from "./node-client.js";
import { Served } from "./node-server.js";
import type { Work } from "./work.js";

const [kind, role, target = ""] = process.argv.slice(2);
const peer = kind === "accord" ? accord : grpcJs;
const say = (event: string, more: object): void => void process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);
const lines = createInterface({ input: process.stdin });

if (role === "server") {
  const served = new Served();
  say("ready", { port: await peer.serve(served) });
  lines.on("line", () => say("served", { puts: served.puts }));
} else {
  const calls = peer.connect(target);
  say("ready", {});
  lines.on("line", async (line) => say("outcome", await doWork(calls, JSON.parse(line) as Work)));
}
lines.on("close", () => process.exit());

// One peer in a process of its own: `peer-process.js accord server {"address":…}`, `peer-process.js grpc-js client <target>`. It says what
// happens in lines of JSON; a client gets its work, and a server its orders, the same way.
import { createInterface } from "node:readline";
import { watchStalls } from "../machine-stalls.js";
import * as accord from "./accord-peer.js";
import * as grpcJs from "./grpc-js-peer.js";
import { doWork } from "./node-client.js";
import { Served, type ServerInit } from "./node-server.js";
import type { Order, Work } from "./work.js";

const [kind, role, given = ""] = process.argv.slice(2);
const peer = kind === "accord" ? accord : grpcJs;
const say = (event: string, more: object): void => void process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);
const lines = createInterface({ input: process.stdin });

if (role === "server") {
  const served = new Served((id, isRefused) => {
    if (/^(?:put|get)-/.test(id)) {
      say("began", { id, isRefused, at: Date.now() });
    }
  });
  const serving = await peer.serve(served, JSON.parse(given) as ServerInit);
  say("ready", { port: serving.port, at: Date.now() });
  lines.on("line", async (line) => {
    const order = JSON.parse(line) as Order;
    if (order.order === "refuse") {
      served.obey(order);
      say("refusing", { isRefusing: order.isRefusing });
    } else {
      await serving.stop();
      process.exit();
    }
  });
} else {
  const calls = peer.connect(given);
  say("ready", {});
  watchStalls((stall) => say("stalled", stall));
  lines.on("line", async (line) => say("outcome", await doWork(calls, JSON.parse(line) as Work)));
}
lines.on("close", () => process.exit());

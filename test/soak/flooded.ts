import { createServer } from "@accord-grpc/runtime";
import { bindProbe } from "../../runtime/test-support/probe-service.js";
import { serveCommands, tell } from "../e2e/programs/commands.js";

// A server with the options that a server has, and the most memory that it ever had.

let peak = 0;
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 5);

const server = createServer([bindProbe({ unary: ({ id }) => ({ id }) })], {
  handleSignals: false,
  logger: { debug() {}, info() {}, warn() {}, error() {} },
});
const { address } = await server.start("127.0.0.1:0");
serveCommands({ peak: () => peak });
tell("listening", { address });

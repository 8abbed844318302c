// A generated server whose requests are checked. It says `listening on <port>`.
import { createCheckedV1Server } from "../gen/checked/accord/proof/checked/v1/server.js";
import { programLogger } from "../program-logger.js";

const server = createCheckedV1Server(
  { checked: { check: async () => ({}) } },
  { logger: programLogger, drainMs: 1_000 },
);
const { port } = await server.start("127.0.0.1:0");
process.stdout.write(`listening on ${port}\n`);

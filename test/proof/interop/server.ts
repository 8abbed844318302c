// The server of gRPC's interoperability tests: `server.js [certificate key]`. It says `listening on <port>`. Its connections live
// for CONNECTION_AGE_MS, if there is such a variable.
import { createServer } from "@accord-grpc/runtime";
import { bindTestService } from "../gen/interop/grpc/testing/test_servicer.js";
import { programLogger } from "../program-logger.js";
import { serverMetrics, testServicer } from "./servicer.js";

/** As grpc-java's server has it: `very_large_request` sends 10 MiB. */
const MAX_MESSAGE_BYTES = 16 << 20;

const { CONNECTION_AGE_MS } = process.env;
const [certificate, key] = process.argv.slice(2);
const server = createServer([bindTestService(testServicer, { passThrough: "all" })], {
  logger: programLogger,
  metricRecorder: serverMetrics,
  drainMs: 1_000,
  ...(CONNECTION_AGE_MS === undefined ? undefined : { maxConnectionAgeMs: Number(CONNECTION_AGE_MS) }),
  maxRequestBytes: MAX_MESSAGE_BYTES,
  maxResponseBytes: MAX_MESSAGE_BYTES,
  ...(certificate === undefined || key === undefined ? undefined : { tls: { cert: certificate, key } }),
});
const { port } = await server.start("127.0.0.1:0");
process.stdout.write(`listening on ${port}\n`);

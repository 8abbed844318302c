/**
 * What tests of servicers and clients need: a real server on a free port, and contexts made by hand.
 */
export { runWithCall } from "../call/current-call.js";
export { type CallContextInit, createCallContext } from "./call-context.js";
export { MemoryLogger, type MemoryLogLine } from "./memory-logger.js";
export { startTestServer, type TestServer, type TestServerOptions } from "./test-server.js";

/**
 * What tests of servicers and clients need: a real server on a free port, contexts made by hand, and fakes of what is called.
 */
export { runWithCall } from "../call/current-call.js";
export { type CallContextInit, createCallContext } from "./call-context.js";
export { fakeClient } from "./fake-client.js";
export { MemoryLogger, type MemoryLogLine } from "./memory-logger.js";
export { startTestServer, type TestServer, type TestServerOptions } from "./test-server.js";

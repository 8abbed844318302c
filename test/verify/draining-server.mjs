// A server in a process of its own that leaves in one of three ways when it is told to stop: node draining-server.mjs <manner>
import { createServer } from "node:http2";

const manner = process.argv[2];
const server = createServer();
const sessions = new Set();

server.on("session", (session) => {
  sessions.add(session);
  session.on("close", () => sessions.delete(session));
});
server.on("stream", (stream) => {
  stream.on("error", () => undefined);
  stream.on("end", () => {
    const headers = { ":status": 200, "content-type": "application/grpc", "grpc-status": "5" };
    stream.respond(headers, { endStream: true });
  });
  stream.resume();
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));

process.on("SIGTERM", () => {
  if (manner === "abrupt") {
    process.exit(0);
  }
  if (manner === "graceful") {
    server.close();
    for (const session of sessions) {
      session.close();
    }
  }
});

import { Client, credentials, Server, ServerCredentials, status } from "@grpc/grpc-js";

// A plain grpc-js server and a client of it, of which one brings the process down: how, says the first argument.

const how = process.argv[2];
const same = (bytes: Buffer): Buffer => bytes;
const codec = { requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same };

const server = new Server();
server.addService(
  {
    unary: { path: "/facts.Plain/Unary", requestStream: false, responseStream: false, ...codec },
    stream: { path: "/facts.Plain/Stream", requestStream: false, responseStream: true, ...codec },
  },
  {
    unary: async (_call: unknown, callback: (error: object) => void) => {
      if (how === "reject") {
        throw new Error("the handler failed");
      }
      callback({ code: status.NOT_FOUND, details: "cut \ud83d" });
    },
    stream: (call: { emit(event: string, error: object): void }) => call.emit("error", { code: status.UNAVAILABLE }),
  },
);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_error, port) => {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  if (how === "stream-error") {
    client.makeServerStreamRequest("/facts.Plain/Stream", same, same, Buffer.alloc(0)).resume();
  } else {
    client.makeUnaryRequest("/facts.Plain/Unary", same, same, Buffer.alloc(0), () => process.exit(0));
  }
});

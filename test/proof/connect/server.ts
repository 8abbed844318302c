// Accord's server as the suite's implementation under test: it is told on stdin how to listen, and says on stdout where it does.
import { create } from "@bufbuild/protobuf";
import { createConformanceV1Server } from "../gen/connect/connectrpc/conformance/v1/server.js";
import {
  type ServerCompatRequest,
  ServerCompatRequestSchema,
  ServerCompatResponseSchema,
} from "../gen/connect/connectrpc/conformance/v1/server_compat_pb.js";
import { programLogger } from "../program-logger.js";
import { conformanceServicer } from "./servicer.js";
import { readSized, writeSized } from "./sized-messages.js";

for await (const request of readSized(process.stdin, ServerCompatRequestSchema)) {
  const server = createConformanceV1Server(
    { conformance: conformanceServicer },
    { logger: programLogger, drainMs: 1_000, passThrough: "all", http: {}, ...limit(request), ...security(request) },
  );
  const { port } = await server.start("127.0.0.1:0");
  const response = create(ServerCompatResponseSchema, {
    host: "127.0.0.1",
    port,
    ...(request.serverCreds === undefined ? undefined : { pemCert: request.serverCreds.cert }),
  });
  writeSized(process.stdout, ServerCompatResponseSchema, response);
  await server.closed;
  break;
}

function limit({ messageReceiveLimit }: ServerCompatRequest) {
  return messageReceiveLimit > 0 ? { maxRequestBytes: messageReceiveLimit } : undefined;
}

function security({ useTls, serverCreds, clientTlsCert }: ServerCompatRequest) {
  if (!useTls || serverCreds === undefined) {
    return undefined;
  }
  const { cert, key } = serverCreds;
  const clientCa = clientTlsCert.byteLength > 0 ? { clientCa: clientTlsCert } : undefined;
  return { tls: { cert, key, ...clientCa } };
}

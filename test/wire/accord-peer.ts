import { StatusError } from "@accord-grpc/runtime";
import { bindClient, bindService, buildChannel, createServer } from "@accord-grpc/runtime/codegen/v1";
import { credentials, status } from "@grpc/grpc-js";
import { OtherService, type ProbeRequest, ProbeService } from "../../runtime/test-support/gen/probe/v1/probe_pb.js";
import { PROBE_CODECS, PROBE_ERROR_MAP } from "../../runtime/test-support/probe-service.js";
import type { Calls } from "./node-client.js";
import { Refusal, type Served, type ServerInit, type Serving, served, silent } from "./node-server.js";
import { SERVICE_CONFIG } from "./work.js";

const MIB = 1024 * 1024;

/** A server by Accord, as generated code makes one. */
export async function serve(seen: Served, { address, maxConcurrentCalls }: ServerInit): Promise<Serving> {
  const unary = async (request: ProbeRequest) => {
    try {
      return await seen.unary(request);
    } catch (error) {
      throw error instanceof Refusal ? new StatusError(status.UNAVAILABLE, error.message) : error;
    }
  };
  const stream = (request: ProbeRequest) => served(request);
  const missing = (): never => {
    throw new Error("isn't called here");
  };
  const codecs = PROBE_CODECS;
  const methods = {
    unary: { handler: unary, ...codecs },
    serverStream: { handler: stream, ...codecs },
    clientStream: { handler: missing, ...codecs },
    bidiStream: { handler: missing, ...codecs },
  };
  const refusals = { passThrough: [status.UNAVAILABLE] } as const;
  const services = [
    bindService(ProbeService, methods, refusals),
    bindService(OtherService, { ping: { handler: unary, ...codecs } }, refusals),
  ];
  const server = createServer(services, {
    logger: silent,
    maxRequestBytes: 64 * MIB,
    ...(maxConcurrentCalls !== undefined && { maxConcurrentCalls }),
  });
  const { port } = await server.start(address);
  return { port, stop: async () => void (await server.drain()) };
}

/** A client by Accord, with default options. */
export function connect(target: string): Calls {
  const channel = buildChannel(target, SERVICE_CONFIG, { credentials: credentials.createInsecure() });
  const contract = { ...PROBE_CODECS, raises: [], timeoutMs: 10_000 };
  const puts = bindClient(ProbeService, PROBE_ERROR_MAP, channel, {});
  const gets = bindClient(OtherService, PROBE_ERROR_MAP, channel, {});
  const put = puts.unary(ProbeService.method.unary, contract);
  const get = gets.unary(OtherService.method.ping, contract);
  const stream = puts.serverStreaming(ProbeService.method.serverStream, contract);
  return {
    put: async (id, padding, action, timeoutMs) =>
      (await put({ id, padding, action: JSON.stringify(action) }, { timeoutMs })).padding.byteLength,
    get: async (id, padding, action, timeoutMs) =>
      (await get({ id, padding, action: JSON.stringify(action) }, { timeoutMs })).padding.byteLength,
    async *stream(action, timeoutMs) {
      for await (const { padding } of stream({ id: "stream", action: JSON.stringify(action) }, { timeoutMs })) {
        yield padding.byteLength;
      }
    },
  };
}

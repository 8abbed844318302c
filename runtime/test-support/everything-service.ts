import type { DescService } from "@bufbuild/protobuf";
import type { CallContext } from "../src/call/call-context.js";
import { grpcErrorHandler } from "../src/call/grpc-error-handler.js";
import { grpcLogger } from "../src/call/grpc-logger.js";
import { type BoundService, bindService } from "../src/server/bind-service.js";
import { type Everything, EverythingSchema, ProbeService } from "./gen/probe/v1/probe_pb.js";
import { PROBE_ERROR_MAP } from "./probe-service.js";

const messages = { input: EverythingSchema, output: EverythingSchema };
const service = {
  ...ProbeService,
  methods: ProbeService.methods.map((method) => ({ ...method, ...messages })),
} as DescService;

/** The probe's service with messages that have each kind of field: `Unary` and `ServerStream` answer with what the handler makes of one. */
export function bindEverything(
  handle: (request: Everything, context: CallContext) => unknown = (request) => request,
): BoundService {
  const wrapped = <Handler extends (...args: never[]) => unknown>(handler: Handler): Handler =>
    grpcLogger()(grpcErrorHandler(PROBE_ERROR_MAP, [])(handler));
  const unused = { handler: wrapped(() => Promise.reject(new Error("Nobody calls it here"))) };
  return bindService(service, {
    unary: { handler: wrapped(async (request: Everything, context: CallContext) => handle(request, context)) },
    serverStream: {
      handler: wrapped(async function* (request: Everything, context: CallContext) {
        yield await handle(request, context);
      }),
    },
    clientStream: unused,
    bidiStream: unused,
  } as never);
}

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CallContext } from "../src/call/call-context.js";
import type { CallOptions } from "../src/client/client-method.js";
import type { ProbeRequest, ProbeRequestSchema, ProbeResponse, ProbeResponseSchema } from "./gen/probe/v1/probe_pb.js";
import type { ProbeClient } from "./probe-client.js";
import type { ProbeServicer } from "./probe-service.js";

/** The probe service's methods, one of each kind. */
export type Kind = "unary" | "clientStream" | "serverStream" | "bidiStream";

export const KINDS: readonly Kind[] = ["unary", "clientStream", "serverStream", "bidiStream"];

/** A servicer whose methods all do `body` once, with the first request, and answer with what it returns. */
export function servicerOf(
  body: (
    request: ProbeRequest,
    context: CallContext,
  ) => Promise<MessageInitShape<typeof ProbeResponseSchema>> | MessageInitShape<typeof ProbeResponseSchema>,
): ProbeServicer {
  const first = async (requests: AsyncIterable<ProbeRequest>): Promise<ProbeRequest> => {
    for await (const request of requests) {
      return request;
    }
    throw new Error("the test sends a request");
  };
  return {
    unary: body,
    clientStream: async (requests, context) => body(await first(requests), context),
    async *serverStream(request, context) {
      yield await body(request, context);
    },
    async *bidiStream(requests, context) {
      yield await body(await first(requests), context);
    },
  };
}

/** Calls the method of a kind with one request, and waits for the end. Returns the last response. */
export async function callOnce(
  client: ProbeClient,
  kind: Kind,
  request: MessageInitShape<typeof ProbeRequestSchema> = {},
  options: CallOptions = {},
): Promise<ProbeResponse> {
  async function* requests() {
    yield request;
  }
  let last: ProbeResponse | undefined;
  switch (kind) {
    case "unary":
      return client.unary(request, options);
    case "clientStream":
      return client.clientStream(requests(), options);
    case "serverStream":
      for await (last of client.serverStream(request, options));
      break;
    case "bidiStream":
      for await (last of client.bidiStream(requests(), options));
  }
  if (last === undefined) {
    throw new Error("the call had no response");
  }
  return last;
}

import { createServer, type GrpcServer } from "@accord-grpc/runtime";
import { MemoryLogger } from "@accord-grpc/runtime/testing";
import { translateConnectError } from "@accord-grpc/runtime/web/v1";
import { callUnaryMethod, createQueryOptions } from "@connectrpc/connect-query-core";
import { createConnectTransport } from "@connectrpc/connect-web";
import { MutationObserver, QueryClient, QueryObserver } from "@tanstack/query-core";
import { afterEach, expect, expectTypeOf, it } from "vitest";
import { ProbeService } from "../../runtime/test-support/gen/probe/v1/probe_pb.js";
import {
  bindProbe,
  PROBE_ERROR_MAP,
  type ProbeServicer,
  TooLowError,
} from "../../runtime/test-support/probe-service.js";

// docs/web.md, "Connect's own clients, and connect-query": TanStack Query over a generated server. React's hooks are these observers.

const servers: GrpcServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.drain()));
});

async function transportTo(servicer: ProbeServicer) {
  const server = createServer([bindProbe(servicer)], { logger: new MemoryLogger(), handleSignals: false, http: {} });
  servers.push(server);
  const { port } = await server.start("127.0.0.1:0");
  return createConnectTransport({ baseUrl: `http://127.0.0.1:${port}` });
}

/** As a page makes it: what the contract declares is never asked for again. */
function queryClient(): QueryClient {
  const retry = (failures: number, error: Error): boolean =>
    translateConnectError(error, PROBE_ERROR_MAP).code === "UNAVAILABLE" && failures < 3;
  return new QueryClient({
    defaultOptions: { queries: { retry, retryDelay: 1 }, mutations: { retry, retryDelay: 1 } },
  });
}

it("a query gives what the method answers, once for all who ask", async () => {
  let calls = 0;
  const transport = await transportTo({
    unary: ({ id }) => {
      calls += 1;
      return { id };
    },
  });
  const client = queryClient();
  const options = { ...createQueryOptions(ProbeService.method.unary, { id: "one" }, { transport }), staleTime: 60_000 };
  const answers = await Promise.all([client.fetchQuery(options), client.fetchQuery(options)]);
  expect(answers.map(({ id }) => id)).toEqual(["one", "one"]);
  expect(calls).toBe(1);
});

it("a query's error is the declared one, with its typed metadata, and isn't asked for again", async () => {
  let calls = 0;
  const transport = await transportTo({
    unary: () => {
      calls += 1;
      throw new TooLowError({ balance: "3" });
    },
  });
  const client = queryClient();
  const observer = new QueryObserver(client, createQueryOptions(ProbeService.method.unary, {}, { transport }));
  const error = await new Promise<Error>((resolve) => {
    observer.subscribe((result) => {
      if (result.error !== null) {
        resolve(result.error);
      }
    });
  });
  const declared = translateConnectError(error, PROBE_ERROR_MAP);
  expect(declared).toBeInstanceOf(TooLowError);
  if (declared instanceof TooLowError) {
    expectTypeOf(declared.metadata.balance).toEqualTypeOf<string>();
    expect(declared.metadata).toEqual({ balance: "3" });
  }
  expect(calls).toBe(1);
  client.clear();
});

it("a mutation is made again when nobody was reached, and its error is the declared one", async () => {
  const transport = await transportTo({
    unary: () => {
      throw new TooLowError({ balance: "1" });
    },
  });
  let attempts = 0;
  const observer = new MutationObserver(queryClient(), {
    mutationFn: (request: { readonly id: string }) => {
      attempts += 1;
      if (attempts === 1) {
        // As fetch says it in Chromium.
        throw new TypeError("Failed to fetch");
      }
      return callUnaryMethod(transport, ProbeService.method.unary, request);
    },
  });
  const error = await observer.mutate({ id: "one" }).catch((thrown: unknown) => thrown);
  expect(translateConnectError(error, PROBE_ERROR_MAP)).toMatchObject({ code: "TOO_LOW", metadata: { balance: "1" } });
  expect(attempts).toBe(2);
});

import { createServer, type GrpcServer } from "@accord-grpc/runtime";
import { MemoryLogger } from "@accord-grpc/runtime/testing";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LedgerService } from "../golden/ledger/gen/ledger/v1/ledger_pb.js";
import { bindLedgerService, type LedgerServiceServicer } from "../golden/ledger/gen/ledger/v1/ledger_servicer.js";

// What a contract says of caches, from the proto to a client's headers: `Ping` of the golden case `ledger` has `cache`.

let server: GrpcServer;
let port: number;
beforeAll(async () => {
  const servicer: Pick<LedgerServiceServicer, "ping" | "getBalance"> = {
    ping: async () => ({}),
    getBalance: async () => ({ amount: 1n }),
  };
  const whole = new Proxy(servicer, { get: (target, name) => Reflect.get(target, name) ?? (() => ({})) });
  server = createServer([bindLedgerService(whole as LedgerServiceServicer)], {
    logger: new MemoryLogger(),
    handleSignals: false,
    drainMs: 500,
    auth: () => ({ subject: "a page" }),
    http: {},
  });
  ({ port } = await server.start("127.0.0.1:0"));
});
afterAll(() => server.drain());

describe.each(["1.1", "2"] as const)("connect's client, over HTTP/%s", (httpVersion) => {
  const headersOf = async (method: "ping" | "getBalance", useHttpGet: boolean): Promise<Headers> => {
    const transport = createConnectTransport({ baseUrl: `http://127.0.0.1:${port}`, httpVersion, useHttpGet });
    let headers = new Headers();
    const onHeader = (received: Headers): void => {
      headers = received;
    };
    await createClient(LedgerService, transport)[method]({}, { onHeader });
    return headers;
  };

  it("reads by GET what the contract says", async () => {
    const headers = await headersOf("ping", true);
    expect(headers.get("cache-control")).toBe("private, max-age=10");
    expect(headers.get("vary")).toBe("authorization");
  });

  it("reads that nothing is kept where the contract says nothing, and nothing by POST", async () => {
    expect((await headersOf("getBalance", true)).get("cache-control")).toBe("no-store");
    expect((await headersOf("ping", false)).get("cache-control")).toBeNull();
  });
});

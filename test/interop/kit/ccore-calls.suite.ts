import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CallContext } from "../../../runtime/src/call/call-context.js";
import { file_google_rpc_error_details } from "../../../runtime/src/gen/google/rpc/error_details_pb.js";
import { file_google_rpc_status } from "../../../runtime/src/gen/google/rpc/status_pb.js";
import { identityKey } from "../../../runtime/src/server/identity.js";
import type { Status } from "../../../runtime/src/wire/status.js";
import { type ProbeRequest, ProbeService } from "../../../runtime/test-support/gen/probe/v1/probe_pb.js";
import { KINDS, servicerOf } from "../../../runtime/test-support/probe-kinds.js";
import { BusyError, SurpriseError, TooLowError } from "../../../runtime/test-support/probe-service.js";
import type { ChildProcess } from "../../e2e/child-process.js";
import { hasPython, requirePython, startPython } from "../python.js";
import { WatchedServer, type WatchedServerOptions } from "./watched-server.js";

// What C-core makes of the ways in which a call can end on our server, for each kind, on one connection for all of them.

interface Seen {
  readonly responses: readonly Record<string, unknown>[];
  readonly code: string;
  readonly details: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly trailers: readonly (readonly [string, string])[];
  readonly status: {
    readonly code: number;
    readonly message: string;
    readonly bytes: number;
    readonly details: object;
  } | null;
}

let python: ChildProcess;
let server: WatchedServer;

beforeAll(async () => {
  if (hasPython) {
    python = await startPython("client", [ProbeService.file, file_google_rpc_status, file_google_rpc_error_details]);
  }
});
afterAll(() => python?.kill());
beforeEach(requirePython);
afterEach(async () => {
  await python.ask("disconnect", { channel: "kit" });
  await server.close();
});

type Body = (request: ProbeRequest, context: CallContext) => unknown;

async function serve(body: Body, options: WatchedServerOptions = {}): Promise<void> {
  server = await WatchedServer.start(servicerOf(body as Parameters<typeof servicerOf>[0]), options);
  await python.ask("connect", {
    channel: "kit",
    target: server.address,
    options: [["grpc.use_local_subchannel_pool", 1]],
  });
}

class WrongStatusError extends SurpriseError {
  override readonly status = 4711 as Status;

  constructor() {
    super({}, { message: "A status that isn't one" });
  }
}

const INTERNAL_TEXT = /^Internal error \(error id [0-9a-f]{12}\)$/;

describe.each(KINDS)("%s", (kind) => {
  const path = `/probe.v1.ProbeService/${ProbeService.method[kind].name}`;
  const call = (request: object = { id: "r" }, options: object = {}): Promise<Seen> =>
    python.ask("call", { path, channel: "kit", requests: [request], ...options });

  it.each<[string, Body, string, string | RegExp]>([
    ["answers", ({ id }) => ({ id }), "OK", ""],
    [
      "throws a declared error",
      () => Promise.reject(new TooLowError({ balance: "1" })),
      "FAILED_PRECONDITION",
      "Balance 1 is too low",
    ],
    ["throws one that is declared elsewhere", () => Promise.reject(new SurpriseError()), "ABORTED", "Surprise"],
    ["throws something unknown", () => Promise.reject(new Error("secret")), "INTERNAL", INTERNAL_TEXT],
    ["throws nothing", () => Promise.reject(undefined), "INTERNAL", INTERNAL_TEXT],
    [
      "throws an error with a code",
      () => Promise.reject(Object.assign(new Error("secret"), { code: 5 })),
      "INTERNAL",
      INTERNAL_TEXT,
    ],
    [
      "throws a status that isn't one",
      () => Promise.reject(new WrongStatusError()),
      "UNKNOWN",
      "A status that isn't one",
    ],
    [
      "throws half of an emoji",
      () => Promise.reject(new TooLowError({ balance: "\uD83D" })),
      "FAILED_PRECONDITION",
      "Balance \uFFFD is too low",
    ],
    ["answers nothing", () => undefined, "INTERNAL", /^Error serializing response/],
    [
      "throws after its headers",
      (_request, context) => {
        context.sendHeaders();
        throw new TooLowError({ balance: "1" });
      },
      "FAILED_PRECONDITION",
      "Balance 1 is too low",
    ],
    [
      "throws 100 kB of metadata",
      () =>
        Promise.reject(
          new BusyError(Object.fromEntries(Array.from({ length: 100 }, (_, key) => [`k${key}`, "€".repeat(333)]))),
        ),
      "UNAVAILABLE",
      "Busy",
    ],
  ])("a handler that %s", async (_what, body, code, details) => {
    await serve(body);
    const seen = await call();
    expect(seen.code).toBe(code);
    expect(seen.details).toMatch(details);
    expect(JSON.stringify(seen)).not.toContain("secret");
    const [lines] = await server.lines(kind, 1);
    expect(lines?.response.fields.status).toBe(code);
    const { started, ended } = await server.counted(ProbeService.method[kind].name);
    expect([started, ended]).toEqual([1, { [code]: 1 }]);
    await expect.poll(() => server.openStreams).toBe(0);
  });

  it("metadata both ways: twice, in binary, and empty", async () => {
    let received: unknown;
    await serve((_request, context) => {
      received = [context.requestMetadata.get("x-two"), context.requestMetadata.get("x-bytes-bin")];
      for (const metadata of [context.responseHeaders, context.responseTrailers]) {
        metadata.add("x-two", "1");
        metadata.add("x-two", "2");
        metadata.add("x-empty", "");
        metadata.add("x-bytes-bin", Buffer.from([0, 255]));
        metadata.add("grpc-status", "7");
        metadata.add("te", "gzip");
      }
      return {};
    });
    const seen = await call(
      {},
      {
        metadata: [
          ["x-two", "1"],
          ["x-two", "2"],
          ["x-empty", ""],
        ],
      },
    );
    expect(seen.code).toBe("OK");
    expect(received).toEqual([["1, 2"], []]);
    for (const part of [seen.headers, seen.trailers]) {
      expect(part.filter(([key]) => key.startsWith("x-"))).toEqual([
        ["x-two", "1"],
        ["x-two", "2"],
        ["x-empty", ""],
        ["x-bytes-bin", "AP8="],
      ]);
    }
  });

  it("messages over the limits, in and out", async () => {
    const policies = { [kind]: { maxRequestBytes: 1000, maxResponseBytes: 1000 } };
    await serve(({ action }) => ({ padding: new Uint8Array(action === "large" ? 1001 : 1) }), { policies });
    expect((await call({ padding: Buffer.alloc(1001).toString("base64") })).code).toBe("RESOURCE_EXHAUSTED");
    expect((await call({ action: "large" })).code).toBe("RESOURCE_EXHAUSTED");
    expect((await call({ padding: Buffer.alloc(100_000).toString("base64") }, { gzip: true })).code).toBe(
      "RESOURCE_EXHAUSTED",
    );
    expect((await call()).code).toBe("OK");
    await server.lines(kind, 4);
  });

  it("deadlines of 25 days and of 100 years", async () => {
    let remaining = 0;
    await serve((_request, context) => {
      remaining = context.timeRemaining();
      return {};
    });
    for (const timeout of [25 * 86_400, 100 * 365 * 86_400]) {
      expect((await call({}, { timeout })).code).toBe("OK");
      expect(remaining).toBeGreaterThan(24 * 86_400_000);
    }
  });

  it("a deadline that passes, with a handler that doesn't heed it", async () => {
    let finish = () => {};
    await serve(
      () =>
        new Promise((resolve) => {
          finish = () => resolve({});
        }),
    );
    expect((await call({}, { timeout: 0.2 })).code).toBe("DEADLINE_EXCEEDED");
    const [lines] = await server.lines(kind, 1);
    expect(lines?.response.fields.status).toBe("DEADLINE_EXCEEDED");
    finish();
    await expect.poll(() => server.openStreams).toBe(0);
  });

  it("lets nobody in without a token", async () => {
    const policies = { [kind]: { auth: { requirement: "required", scopes: ["write"] } } } as const;
    let who: string | undefined;
    await serve(
      (_request, context) => {
        who = context.values.get(identityKey)?.subject;
        return {};
      },
      {
        policies,
        auth: async (metadata) => {
          const [token] = metadata.get("authorization");
          if (token === "Bearer broken") {
            throw Object.assign(new Error("secret"), { code: 0 });
          }
          return token === undefined
            ? undefined
            : { subject: String(token), scopes: token === "Bearer w" ? ["write"] : [] };
        },
      },
    );
    const as = async (token?: string) =>
      (await call({}, { metadata: token === undefined ? [] : [["authorization", `Bearer ${token}`]] })).code;
    expect([await as(), await as("r"), await as("broken"), await as("w")]).toEqual([
      "UNAUTHENTICATED",
      "PERMISSION_DENIED",
      "INTERNAL",
      "OK",
    ]);
    expect(who).toBe("Bearer w");
    await server.lines(kind, 4);
  });
});

describe.each(["serverStream", "bidiStream"] as const)("%s", (kind) => {
  it("cancelled while it runs", async () => {
    let reason: unknown;
    let started = () => {};
    const hasStarted = new Promise<void>((resolve) => {
      started = resolve;
    });
    await serve(async (_request, { signal }) => {
      started();
      await once(signal, "abort");
      reason = signal.reason;
      throw reason;
    });
    const path = `/probe.v1.ProbeService/${ProbeService.method[kind].name}`;
    await python.ask("open_stream", { stream: kind, path, channel: "kit", requests: [{}] });
    await hasStarted;
    await python.ask("cancel", { stream: kind });
    await expect.poll(() => reason).toMatchObject({ name: "AbortError" });
    const [lines] = await server.lines(kind, 1);
    expect(lines?.response).toMatchObject({ level: "warn", fields: { status: "CANCELLED" } });
  });
});

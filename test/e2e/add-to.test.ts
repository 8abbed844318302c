import { afterEach, describe, expect, it } from "vitest";
import type { addTo } from "../../runtime/src/index.js";
import { MemoryLogger } from "../../runtime/src/testing/index.js";
import { ProbeService } from "../../runtime/test-support/gen/probe/v1/probe_pb.js";
import { startGrpcJsServer } from "../../runtime/test-support/grpc-js-server.js";
import { insecureChannel, probeClient } from "../../runtime/test-support/probe-client.js";
import { callOnce, KINDS, servicerOf } from "../../runtime/test-support/probe-kinds.js";
import { bindProbe, type ProbeServicer, TooLowError } from "../../runtime/test-support/probe-service.js";
import { RawClient } from "../../runtime/test-support/raw-client.js";

// Bound services on a grpc-js server of somebody else's: what holds for calls holds there too.

const open: (() => void)[] = [];
let logger: MemoryLogger;

afterEach(() => {
  for (const close of open.splice(0).reverse()) {
    close();
  }
});

async function serve(
  servicer: ProbeServicer,
  options: Parameters<typeof addTo>[2] = {},
  binding: Parameters<typeof bindProbe>[1] = {},
): Promise<string> {
  logger = new MemoryLogger();
  const server = await startGrpcJsServer([bindProbe(servicer, binding)], { logger, ...options });
  open.push(() => server.close());
  return server.address;
}

function clientOf(address: string) {
  const channel = insecureChannel(address);
  open.push(() => channel.close());
  return probeClient(channel);
}

async function responseLine(kind: string) {
  const lines = () => logger.lines.filter(({ message }) => message.startsWith(`${kind}.`));
  await expect.poll(() => lines().map(({ message }) => message)).toEqual([`${kind}.request`, `${kind}.response`]);
  return lines()[1];
}

describe.each(KINDS)("%s", (kind) => {
  it("answers", async () => {
    const client = clientOf(await serve(servicerOf(({ id }) => ({ id: `${id}!` }))));
    expect((await callOnce(client, kind, { id: "a" })).id).toBe("a!");
    expect(await responseLine(kind)).toMatchObject({ level: "info", fields: { status: "OK" } });
  });

  it("sends a declared error, with its details", async () => {
    const raw = new RawClient(
      await serve(
        servicerOf(() => {
          throw new TooLowError({ balance: "3" });
        }),
      ),
    );
    open.push(() => raw.close());
    const seen = await raw.call(ProbeService.method[kind], [{}]);
    expect(seen).toMatchObject({ code: 9, details: "Balance 3 is too low" });
    expect(seen.trailers.get("grpc-status-details-bin")).toHaveLength(1);
    expect(await responseLine(kind)).toMatchObject({ level: "warn", fields: { status: "FAILED_PRECONDITION" } });
  });

  it("hides what isn't declared", async () => {
    const client = clientOf(
      await serve(
        servicerOf(() => {
          throw new Error("secret");
        }),
      ),
    );
    await expect(callOnce(client, kind)).rejects.toThrow(/^Internal error \(error id/);
    expect(await responseLine(kind)).toMatchObject({ level: "error", fields: { status: "INTERNAL" } });
  });

  it("ends at its deadline, and tells its handler", async () => {
    let reason: unknown;
    const client = clientOf(
      await serve(
        servicerOf(
          (_request, { signal }) =>
            new Promise((_, reject) =>
              signal.addEventListener("abort", () => {
                reason = signal.reason;
                reject(reason);
              }),
            ),
        ),
      ),
    );
    await expect(callOnce(client, kind, {}, { timeoutMs: 500 })).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    await expect.poll(() => reason).toMatchObject({ name: "TimeoutError" });
    expect((await responseLine(kind))?.fields.status).toBe("DEADLINE_EXCEEDED");
  });

  it("tells its handler that the caller has left", async () => {
    const controller = new AbortController();
    let reason: unknown;
    const client = clientOf(
      await serve(
        servicerOf(async (_request, { signal }) => {
          controller.abort();
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          reason = signal.reason;
          return {};
        }),
      ),
    );
    await expect(callOnce(client, kind, {}, { signal: controller.signal })).rejects.toMatchObject({
      code: "CANCELLED",
    });
    await expect.poll(() => reason).toMatchObject({ name: "AbortError" });
    expect((await responseLine(kind))?.fields.status).toBe("CANCELLED");
  });

  it("asks who calls, and runs the interceptors", async () => {
    const seen: string[] = [];
    const auth = { auth: { requirement: "required" } } as const;
    const address = await serve(
      servicerOf(({ id }) => ({ id })),
      {
        auth: (metadata) => (metadata.get("who").length === 0 ? undefined : { subject: "ada" }),
        handlerInterceptors: [
          async (context, next, call) => {
            call.onRequest(() => {
              seen.push("request");
            });
            call.onResponse(() => {
              seen.push("response");
            });
            context.responseHeaders.set("x-seen", "1");
            await next();
          },
        ],
      },
      { policies: { unary: auth, clientStream: auth, serverStream: auth, bidiStream: auth } },
    );
    const client = clientOf(address);
    await expect(callOnce(client, kind)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(seen).toEqual([]);
    await callOnce(client, kind, {}, { metadata: { who: "ada" } });
    expect(seen).toEqual(["request", "response"]);
  });
});

it("streams as fast as the caller reads, and loses nothing", async () => {
  let made = 0;
  const client = clientOf(
    await serve({
      async *serverStream() {
        for (; made < 500; made += 1) {
          yield { count: BigInt(made), padding: new Uint8Array(64 * 1024) };
        }
      },
    }),
  );
  let received = 0;
  for await (const { count } of client.serverStream({})) {
    if (received === 0) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(made).toBeLessThan(200);
    }
    expect(count).toBe(BigInt(received));
    received += 1;
  }
  expect(received).toBe(500);
});

import { setTimeout as delay } from "node:timers/promises";
import { credentials, Metadata } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { type ProbeClient, probeClient } from "../../test-support/probe-client.js";
import { DuplicateRequestError } from "../../test-support/probe-errors.js";
import { callOnce, KINDS, servicerOf } from "../../test-support/probe-kinds.js";
import { bindProbe, type ProbeServicer, SurpriseError, TooLowError } from "../../test-support/probe-service.js";
import type { CallOptions } from "../client/client-method.js";
import { bearerAuth, bearerToken, type Channel, ContractError } from "../index.js";
import { MemoryLogger, startTestServer, type TestServerOptions } from "../testing/index.js";
import { inProcessChannel } from "./in-process-channel.js";

// Each case is played over a socket too: what a caller and the log see must be the same.

const close: (() => unknown)[] = [];
afterEach(() => Promise.all(close.splice(0).map((each) => each())));

type Wire = (servicer: ProbeServicer, options: TestServerOptions) => Promise<Channel>;

const WIRES: Readonly<Record<string, Wire>> = {
  socket: async (servicer, options) => {
    const server = await startTestServer([bindProbe(servicer)], options);
    close.push(() => server.close());
    return server.channel;
  },
  "in process": async (servicer, options) => inProcessChannel([bindProbe(servicer)], options),
};

interface Play {
  readonly servicer: ProbeServicer;
  readonly options?: TestServerOptions;
  readonly policy?: Parameters<typeof probeClient>[2];
  readonly call: (client: ProbeClient) => Promise<unknown>;
}

/** What a call came to, on a wire. */
async function outcome(wire: Wire, play: Play): Promise<{ readonly ended: unknown; readonly lines: unknown }> {
  const logger = new MemoryLogger();
  const channel = await wire(play.servicer, { logger, ...play.options });
  const client = probeClient(channel, {}, play.policy);
  const ended = await play.call(client).then(
    (value) => ({ value }),
    (error: unknown) => ({ error: told(error) }),
  );
  await expect.poll(() => logger.lines.some(({ fields }) => "status" in fields)).toBe(true);
  const lines = logger.lines
    .filter(({ fields }) => "status" in fields)
    .map(({ level, fields }) => ({ level, status: fields.status, code: fields.code, path: fields.path }));
  return { ended, lines };
}

function told(error: unknown): unknown {
  if (!(error instanceof ContractError)) {
    return { thrown: String(error) };
  }
  const { name, code, status, metadata, retryAfterMs, remote } = error;
  // An id is another each time, and grpc-js says more of deadlines than that they have passed.
  const message = error.message.replace(/(?<=error id )[0-9a-f]+|(?<=Deadline exceeded).*/g, "");
  const { error_id: id, ...rest } = metadata as Record<string, string>;
  return { name, code, status, metadata: rest, hasId: id !== undefined, message, retryAfterMs, remote };
}

async function same(play: Play): Promise<unknown> {
  const [socket, inProcess] = [
    await outcome(WIRES.socket as Wire, play),
    await outcome(WIRES["in process"] as Wire, play),
  ];
  expect(inProcess).toEqual(socket);
  return inProcess;
}

const forEver = () => delay(60_000, {}, { ref: false });

describe.each(KINDS)("a call (%s)", (kind) => {
  const once =
    (request: { id?: string } = { id: "x" }, options: CallOptions = {}) =>
    (client: ProbeClient) =>
      callOnce(client, kind, request, options);

  it("is answered", async () => {
    expect(await same({ servicer: servicerOf(({ id }) => ({ id: `${id}!` })), call: once() })).toMatchObject({
      ended: { value: { id: "x!" } },
    });
  });

  it.each([
    ["declares", () => new DuplicateRequestError({ request_id: "7" })],
    ["doesn't declare", () => new SurpriseError()],
    ["doesn't know", () => new Error("internal")],
  ])("fails with what the contract %s", async (_, thrown) => {
    await same({
      servicer: servicerOf(() => {
        throw thrown();
      }),
      call: once(),
    });
  });

  it("ends at its deadline, on both sides", async () => {
    const aborted: unknown[] = [];
    await same({
      servicer: servicerOf(async (_, { signal }) => {
        signal.addEventListener("abort", () => aborted.push(kind));
        await forEver();
        return {};
      }),
      call: once({}, { timeoutMs: 50 }),
    });
    expect(aborted).toEqual([kind, kind]);
  });

  it("is cancelled by its caller, and the handler knows", async () => {
    const aborted: unknown[] = [];
    await same({
      servicer: servicerOf(async (_, { signal }) => {
        signal.addEventListener("abort", () => aborted.push(kind));
        await forEver();
        return {};
      }),
      call: (client) => callOnce(client, kind, {}, { signal: AbortSignal.timeout(100) }),
    });
    expect(aborted).toEqual([kind, kind]);
  });

  it("keeps to the limits of both sides", async () => {
    const big = { id: "x".repeat(2_000) };
    await same({ servicer: servicerOf(() => ({})), options: { maxRequestBytes: 1_000 }, call: once(big) });
    // Whether a server of streams has ended by then is chance.
    const refused = { servicer: servicerOf(() => big), policy: { maxResponseBytes: 1_000 }, call: once() };
    const ends = await Promise.all(Object.values(WIRES).map((wire) => outcome(wire, refused)));
    expect(ends[1]?.ended).toEqual(ends[0]?.ended);
  });

  it("carries metadata, headers and trailers", async () => {
    const seen: unknown[] = [];
    await same({
      servicer: servicerOf((_, context) => {
        seen.push([context.requestMetadata.get("who"), context.requestMetadata.get("raw-bin")]);
        context.responseHeaders.set("first", "1");
        context.responseTrailers.set("last-bin", Buffer.from([0, 255]));
        return {};
      }),
      call: async (client) => {
        const answered: unknown[] = [];
        await callOnce(
          client,
          kind,
          {},
          {
            metadata: { who: "ada", "raw-bin": new Uint8Array([1, 2]) },
            onHeaders: (headers) => answered.push(headers.get("first")),
            onTrailers: (trailers) => answered.push(trailers.get("last-bin")),
          },
        );
        return answered;
      },
    });
    expect(seen[0]).toEqual(seen[1]);
  });
});

it("waits for whoever is slow, both ways", async () => {
  const block = "x".repeat(30_000);
  let [made, sent] = [0, 0];
  const channel = inProcessChannel([
    bindProbe({
      async *serverStream() {
        for (; made < 1_000; made++) {
          yield { id: block };
        }
      },
      clientStream: async (requests) => {
        for await (const _ of requests) {
          await forEver();
        }
        return {};
      },
    }),
  ]);
  const client = probeClient(channel);
  for await (const { id } of client.serverStream({})) {
    expect(id).toBe(block);
    break;
  }
  const controller = new AbortController();
  const requests = async function* () {
    for (; sent < 1_000; sent++) {
      yield { id: block };
    }
  };
  const call = client.clientStream(requests(), { signal: controller.signal });
  await delay(50);
  controller.abort();
  await expect(call).rejects.toMatchObject({ code: "CANCELLED" });
  expect([made < 50, sent < 50]).toEqual([true, true]);
});

it("gives all messages before an error, and none of one side's objects to the other", async () => {
  const request = { id: "mine" };
  const channel = inProcessChannel([
    bindProbe({
      unary: (received) => {
        received.id = "theirs";
        return { id: received.id };
      },
      async *serverStream() {
        yield { id: "1" };
        yield { id: "2" };
        throw new TooLowError({ balance: "1" });
      },
    }),
  ]);
  const client = probeClient(channel);
  expect(await client.unary(request)).toMatchObject({ id: "theirs" });
  expect(request.id).toBe("mine");
  const seen: string[] = [];
  await expect(
    (async () => {
      for await (const { id } of client.serverStream({})) {
        seen.push(id);
      }
    })(),
  ).rejects.toMatchObject({ code: "TOO_LOW" });
  expect(seen).toEqual(["1", "2"]);
});

it("checks credentials, and fails with what their provider throws", async () => {
  const auth = bearerAuth((token) => (token === "right" ? { subject: "ada" } : undefined));
  const policies = { unary: { auth: { requirement: "required" } } } as const;
  const channel = inProcessChannel([bindProbe({ unary: () => ({ id: "in" }) }, { policies })], { auth: auth.verifier });
  const client = probeClient(channel);
  expect(await client.unary({}, { credentials: bearerToken(() => "right") })).toMatchObject({ id: "in" });
  const broken = credentials.createFromMetadataGenerator((_, callback) =>
    callback(new Error("no token"), new Metadata()),
  );
  await expect(client.unary({}, { credentials: broken })).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});

it("is closed, and then makes no calls", async () => {
  const channel = inProcessChannel([bindProbe({ unary: () => ({}) })]);
  channel.close();
  await expect(probeClient(channel).unary({})).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

it("says what nobody serves", async () => {
  await expect(probeClient(inProcessChannel([])).unary({})).rejects.toMatchObject({ code: "UNIMPLEMENTED" });
});

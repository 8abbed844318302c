import type { MessageInitShape } from "@bufbuild/protobuf";
import { InterceptingCall } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import type { ProbeRequest, ProbeRequestSchema } from "../../test-support/gen/probe/v1/probe_pb.js";
import { insecureChannel, type ProbeClient, probeClient } from "../../test-support/probe-client.js";
import { type RawHandlers, startRawServer } from "../../test-support/raw-server.js";
import type { ClientOptions } from "../client/client-options.js";

type RequestInit = MessageInitShape<typeof ProbeRequestSchema>;

const MESSAGE = new Uint8Array(64 * 1024);
const MESSAGES = 500;
/** What may be on its way: grpc-js's retry buffer (1 MiB per call), HTTP/2's windows and the sockets' buffers. */
const MOST_UNDER_WAY = 100;

const open: { close(): void }[] = [];

afterEach(() => {
  for (const resource of open.splice(0).reverse()) {
    resource.close();
  }
});

async function clientOf(handlers: RawHandlers, options: ClientOptions): Promise<ProbeClient> {
  const server = await startRawServer(handlers);
  const channel = insecureChannel(server.target);
  open.push(server, channel);
  return probeClient(channel, options, { timeoutMs: Number.POSITIVE_INFINITY });
}

/** Resolves when a number has stopped growing. */
async function settled(count: () => number): Promise<number> {
  for (let last = -1; last !== count() || last === 0; ) {
    last = count();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return count();
}

const PATHS: readonly [string, ClientOptions][] = [
  ["straight on the channel", {}],
  ["through an interceptor", { interceptors: [(options, nextCall) => new InterceptingCall(nextCall(options))] }],
];

describe.each(PATHS)("%s", (_path, options) => {
  it("requests are made as fast as the server reads them", async () => {
    let read = (): void => {};
    let received = 0;
    const client = await clientOf(
      {
        clientStream: (call, callback) => {
          call.pause();
          read = () => {
            call.on("data", (request: ProbeRequest) => {
              received += request.padding.byteLength;
            });
            call.on("end", () => callback(null, {}));
            call.resume();
          };
        },
      },
      options,
    );
    let yielded = 0;
    async function* requests(): AsyncGenerator<RequestInit> {
      while (yielded < MESSAGES) {
        yielded += 1;
        yield { padding: MESSAGE };
      }
    }
    const done = client.clientStream(requests());
    expect(await settled(() => yielded)).toBeLessThan(MOST_UNDER_WAY);
    read();
    await done;
    expect(received).toBe(MESSAGES * MESSAGE.byteLength);
  });

  it("responses are taken as fast as the caller reads them", async () => {
    let written = 0;
    const client = await clientOf(
      {
        serverStream: async (call) => {
          while (written < MESSAGES) {
            written += 1;
            if (!call.write({ padding: MESSAGE })) {
              await new Promise((resolve) => call.once("drain", resolve));
            }
          }
          call.end();
        },
      },
      options,
    );
    let received = 0;
    for await (const { padding } of client.serverStream({})) {
      if (received === 0) {
        expect(await settled(() => written)).toBeLessThan(MOST_UNDER_WAY);
      }
      received += padding.byteLength;
    }
    expect(received).toBe(MESSAGES * MESSAGE.byteLength);
  });

  it("a slow reader of a two-way stream loses nothing", async () => {
    const client = await clientOf(
      {
        bidiStream: (call) => {
          call.on("data", (request: ProbeRequest) => call.write({ count: request.count, padding: request.padding }));
          call.on("end", () => call.end());
        },
      },
      options,
    );
    async function* requests(): AsyncGenerator<RequestInit> {
      for (let count = 0n; count < 100n; count += 1n) {
        yield { count, padding: MESSAGE };
      }
    }
    const counts: bigint[] = [];
    for await (const { count } of client.bidiStream(requests())) {
      counts.push(count);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(counts).toEqual(Array.from({ length: 100 }, (_, index) => BigInt(index)));
  });
});

import { connect, createServer, type Http2Server, type IncomingHttpHeaders } from "node:http2";
import type { AddressInfo } from "node:net";
import { Metadata, setLogger } from "@grpc/grpc-js";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { insecureChannel, probeClient } from "../../test-support/probe-client.js";
import { callOnce, KINDS, servicerOf } from "../../test-support/probe-kinds.js";
import { bindProbe } from "../../test-support/probe-service.js";
import { loggedMethod } from "../call/call-log.js";
import { defaultLogger } from "../log/default-logger.js";
import type { Logger } from "../log/logger.js";
import { MemoryLogger, startTestServer, type TestServer } from "../testing/index.js";
import { hearGrpcJs, withoutValues } from "./library-log.js";

// What HTTP/2 carries, and grpc-js's metadata doesn't take.
const UNFIT = ["Bearer s3cret\u00e9", "s3cret\u0080", "\u00ffs3cret", "s3cret\u00a0s3cret"];

let stderr: string[];
const close: (() => unknown)[] = [];

beforeEach(() => {
  stderr = [];
  vi.spyOn(console, "error").mockImplementation((...args: unknown[]) => void stderr.push(args.join(" ")));
});

afterEach(async () => {
  vi.restoreAllMocks();
  for (const each of close.splice(0).reverse()) {
    await each();
  }
});

class FailingLogger extends MemoryLogger {
  override warn(): void {
    throw new Error("the disk is full");
  }
}

const saidIn = (logger: MemoryLogger) =>
  logger.lines.filter(({ message }) => message.startsWith("grpc_js.")).map(({ fields }) => fields.said);

const dropped = (name: string) => `A header was dropped: the value of ${name} has characters that metadata can't have`;

describe("a server", () => {
  let server: TestServer;
  let logger: MemoryLogger;

  beforeEach(async () => {
    logger = new MemoryLogger();
    server = await startTestServer(
      [bindProbe(servicerOf((_request, { requestMetadata }) => ({ id: requestMetadata.get("authorization").join() })))],
      { logger },
    );
    close.push(() => server.close());
  });

  it.each(KINDS)("tells its logger which headers grpc-js has dropped, and nobody their values: %s", async (kind) => {
    const session = connect(`http://${server.address}`);
    close.push(() => session.destroy());
    const { path } = loggedMethod(ProbeService.method[kind]);
    for (const value of UNFIT) {
      const request = session.request({
        ...{ ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" },
        ...{ authorization: value, "x-tenant": value, "x-good": "fine" },
      });
      request.end(Buffer.alloc(5));
      request.resume();
      const trailers = await new Promise<IncomingHttpHeaders>((resolve) => request.once("trailers", resolve));
      expect(trailers["grpc-status"]).toBe("0");
    }
    expect(saidIn(logger)).toEqual(UNFIT.flatMap(() => [dropped("authorization"), dropped("x-tenant")]));
    expect(JSON.stringify(logger.lines)).not.toContain("s3cret");
    expect(stderr).toEqual([]);
  });

  it("tells a logger once that a channel has, too, and goes on if it throws", async () => {
    const channel = insecureChannel(server.address, {}, { logger });
    const failing = insecureChannel(server.address, {}, { logger: new FailingLogger() });
    close.push(
      () => channel.close(),
      () => failing.close(),
    );
    Metadata.fromHttp2Headers({ authorization: "s3cret\u00e9" });
    expect(saidIn(logger)).toEqual([dropped("authorization")]);
    expect(() => insecureChannel(server.address, {}, { logger: {} as Logger })).toThrow(/logger must be a logger/);
  });

  it("hears of nothing any more when it is closed", async () => {
    await server.server.drain();
    const other = new MemoryLogger();
    close.push(hearGrpcJs(other));
    Metadata.fromHttp2Headers({ authorization: "s3cret\u00e9" });
    expect(saidIn(other)).toEqual([dropped("authorization")]);
    expect(saidIn(logger)).toEqual([]);
  });
});

describe("a channel", () => {
  /** A server that answers with what no gRPC server would. */
  async function hostileServer(value: string): Promise<string> {
    const server: Http2Server = createServer();
    server.on("stream", (stream) => {
      stream.on("error", () => {});
      stream.resume();
      stream.respond({ "content-type": "application/grpc", "x-header": value }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", "x-trailer": value }));
      stream.end(Buffer.alloc(5));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    close.push(() => server.close());
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it.each(KINDS)("tells its logger, and nobody the values: %s", async (kind) => {
    const logger = new MemoryLogger();
    for (const value of UNFIT) {
      const channel = insecureChannel(await hostileServer(value), {}, { logger });
      close.push(() => channel.close());
      await callOnce(probeClient(channel), kind);
    }
    expect(new Set(saidIn(logger))).toEqual(new Set([dropped("x-header"), dropped("x-trailer")]));
    expect(JSON.stringify(logger.lines)).not.toContain("s3cret");
    expect(stderr).toEqual([]);
  });

  it("without a logger of its own, and without a server, uses the runtime's", async () => {
    const warn = vi.spyOn(defaultLogger(), "warn").mockImplementation(() => {});
    const channel = insecureChannel(await hostileServer("s3cret\u00e9"));
    close.push(() => channel.close());
    await probeClient(channel).unary({});
    expect(warn.mock.calls.map((call: unknown[]) => call[0])).toContainEqual({ said: dropped("x-header") });
    expect(JSON.stringify(warn.mock.calls)).not.toContain("s3cret");
    expect(stderr).toEqual([]);
  });

  it.each(KINDS)("says which metadata can't be sent, and not what it is: %s", async (kind) => {
    const channel = insecureChannel("127.0.0.1:1");
    close.push(() => channel.close());
    const foreign = { getOptions: () => ({}), getMap: () => ({ authorization: "" }), get: () => ["s3cret\n"] };
    for (const metadata of [
      { authorization: "s3cret\u00e9" },
      { authorization: "s3cret\r\nx: y" },
      { "token-bin": 7 as unknown as string },
      { "s3cret\n": "value" },
      foreign as unknown as Metadata,
    ]) {
      const error: Error = await callOnce(probeClient(channel), kind, {}, { metadata }).then(
        () => expect.unreachable(),
        (thrown: Error) => thrown,
      );
      expect(error).toMatchObject({ code: "INTERNAL", message: expect.stringContaining("The metadata can't be sent") });
      const isKey = JSON.stringify(metadata).includes('"s3cret\\n":');
      expect(`${error.stack}${String((error.cause as Error)?.stack)}`.includes("s3cret")).toBe(isKey);
    }
    expect(stderr).toEqual([]);
  });
});

describe("a message of grpc-js's", () => {
  it("has no value in it, whatever the value is, and is one line", () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,20}$/);
    const value = fc.oneof(fc.string({ unit: "binary" }), fc.string()).map((rest) => `s3cret${rest}`);
    fc.assert(
      fc.property(name, value, (key, secret) => {
        const text = withoutValues(
          `Failed to add metadata entry ${key}: ${secret}. Metadata string value "${secret}" contains illegal characters. For more information see https://github.com/grpc/grpc-node/issues/1173`,
        );
        expect(text).toBe(dropped(key));
      }),
    );
    // What a later version may say.
    for (const quoted of [
      (key: string, secret: string) => `Dropped header ${key}: ${secret}`,
      (key: string, secret: string) => `Dropped header ${key}="${secret}"`,
      (key: string, secret: string) => `Failed to add metadata entry ${key}!: ${secret}`,
      (_key: string, secret: string) => `Invalid value '${secret}'`,
    ]) {
      fc.assert(
        fc.property(name, value, (key, secret) => {
          const text = withoutValues(quoted(key, secret));
          expect(text).not.toContain("s3cret");
          expect(text).not.toMatch(/[\n\r\u2028\u2029]/);
        }),
      );
    }
  });

  it.each([
    "Connection to dns:ledger:50051 at 10.0.0.1:50051 rejected by server because of excess pings. Increasing ping interval to 10000 ms",
    "Failed to createSecureContext with error error:0480006C:PEM routines::no start line",
    "Invalid value provided for grpc.default_compression_algorithm option: 7",
    "No address added out of total 2 resolved",
  ])("that quotes no header is told as it is: %s", (message) => {
    expect(withoutValues(message)).toBe(message);
  });
});

describe("the process", () => {
  it("keeps a logger of its own, if it sets one", () => {
    const own: string[] = [];
    const logger = new MemoryLogger();
    close.push(hearGrpcJs(logger));
    setLogger({ error: (message: string) => own.push(message) });
    Metadata.fromHttp2Headers({ "x-tenant": "s3cret\u00e9" });
    expect(own).toHaveLength(1);
    expect(saidIn(logger)).toEqual([]);
  });
});

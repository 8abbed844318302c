import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { insecureChannel, type ProbeClient, probeClient } from "../../test-support/probe-client.js";
import { Status } from "../wire/status.js";
import { foreignAnswer } from "./foreign-answer.js";

describe("gRPC's own are", () => {
  it.each([
    "application/grpc",
    "application/grpc+proto",
    "application/grpc+json",
    "application/grpc;charset=utf-8",
    "Application/gRPC",
  ])("200 with %s", (type) => {
    expect(foreignAnswer({ ":status": 200, "content-type": type } as never)).toBeUndefined();
  });
});

describe("foreign are", () => {
  it.each([
    [200, "text/html", Status.UNKNOWN],
    [200, "application/json", Status.UNKNOWN],
    [200, "application/grpc-web", Status.UNKNOWN],
    [200, "application/grpcx", Status.UNKNOWN],
    [200, undefined, Status.UNKNOWN],
    [301, "text/html", Status.UNKNOWN],
    [400, "text/html", Status.INTERNAL],
    [401, "text/html", Status.UNAUTHENTICATED],
    [403, "text/html", Status.PERMISSION_DENIED],
    [404, "text/html", Status.UNIMPLEMENTED],
    [429, "text/html", Status.UNAVAILABLE],
    [500, "text/html", Status.UNKNOWN],
    [502, "text/html", Status.UNAVAILABLE],
    [503, undefined, Status.UNAVAILABLE],
    [503, "application/grpc", Status.UNAVAILABLE],
    [504, "text/plain", Status.UNAVAILABLE],
    [520, "text/html", Status.UNKNOWN],
  ])("%s with %s", (status, type, code) => {
    const answer = foreignAnswer({ ":status": status, "content-type": type } as never);
    expect(answer?.code).toBe(code);
    expect(answer?.details).toContain(String(status));
    expect(answer?.details).toContain(type ?? "no content type");
  });
});

const open: (() => void)[] = [];

afterEach(() => {
  for (const close of open.splice(0).reverse()) {
    close();
  }
});

/** A proxy that answers by itself so many times, and then lets calls through. */
async function proxy(
  pages: number,
  page: (stream: ServerHttp2Stream) => void,
): Promise<{ target: string; asked: () => number }> {
  let asked = 0;
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
  });
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.resume();
    asked += 1;
    if (asked <= pages) {
      page(stream);
      return;
    }
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(Buffer.from([0, 0, 0, 0, 0]));
  });
  open.push(() => {
    server.close();
    for (const session of sessions) {
      session.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { target: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
}

function clientOf(target: string, retryableStatusCodes: string[]): ProbeClient {
  const name = [{ service: "probe.v1.ProbeService" }];
  const retryPolicy = {
    maxAttempts: 4,
    initialBackoff: "0.010s",
    maxBackoff: "0.020s",
    backoffMultiplier: 1,
    retryableStatusCodes,
  } as const;
  const channel = insecureChannel(target, { methodConfig: [{ name, retryPolicy }] } as never);
  open.push(() => channel.close());
  return probeClient(channel);
}

function html(status: number) {
  return (stream: ServerHttp2Stream): void => {
    stream.respond({ ":status": status, "content-type": "text/html" });
    stream.end(`<html><h1>${status}</h1>${"x".repeat(2_000)}</html>`);
  };
}

async function collect(client: ProbeClient): Promise<number> {
  let messages = 0;
  for await (const _ of client.serverStream({})) {
    messages += 1;
  }
  return messages;
}

describe("a proxy's page is retried as the policy says", () => {
  it.each([502, 503, 504, 429])("HTTP %i", async (status) => {
    const { target, asked } = await proxy(2, html(status));
    await clientOf(target, ["UNAVAILABLE"]).unary({});
    expect(asked()).toBe(3);
  });

  it("before a stream, too", async () => {
    const { target, asked } = await proxy(2, html(502));
    expect(await collect(clientOf(target, ["UNAVAILABLE"]))).toBe(1);
    expect(asked()).toBe(3);
  });

  it("also one that never ends", async () => {
    const { target, asked } = await proxy(1, (stream) => {
      stream.respond({ ":status": 502, "content-type": "text/html" });
      stream.write("<html>");
    });
    await clientOf(target, ["UNAVAILABLE"]).unary({});
    expect(asked()).toBe(2);
  });

  it("and whose bytes would be messages", async () => {
    const { target, asked } = await proxy(1, (stream) => {
      stream.respond({ ":status": 503, "content-type": "application/octet-stream" });
      stream.end(Buffer.alloc(50));
    });
    await clientOf(target, ["UNAVAILABLE"]).unary({});
    expect(asked()).toBe(2);
  });

  it("until the attempts are used up", async () => {
    const { target, asked } = await proxy(99, html(503));
    await expect(clientOf(target, ["UNAVAILABLE"]).unary({})).rejects.toMatchObject({
      status: Status.UNAVAILABLE,
      message: expect.stringContaining("HTTP status 503"),
    });
    expect(asked()).toBe(4);
  });

  it("and not where it names other statuses", async () => {
    const { target, asked } = await proxy(99, html(404));
    await expect(clientOf(target, ["UNAVAILABLE"]).unary({})).rejects.toMatchObject({ status: Status.UNIMPLEMENTED });
    expect(asked()).toBe(1);
  });
});

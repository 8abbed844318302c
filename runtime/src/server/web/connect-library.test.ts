import { afterEach, expect, it, vi } from "vitest";
import { createServer } from "../server.js";

afterEach(() => vi.doUnmock("@connectrpc/connect"));

it("a server that is to speak more than gRPC says which package it needs, and where it isn't asked to, needs none", async () => {
  vi.doMock("@connectrpc/connect", () => {
    throw new Error("Cannot find package");
  });
  const start = createServer([], { http: {}, handleSignals: false }).start("127.0.0.1:0");
  await expect(start).rejects.toThrow("npm install @connectrpc/connect");
  const server = createServer([], { handleSignals: false });
  await server.start("127.0.0.1:0");
  await server.drain();
});

import { status as GrpcStatus } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { bindProbe, type ProbeServicer } from "../../test-support/probe-service.js";
import { RawClient } from "../../test-support/raw-client.js";
import { MemoryLogger, startTestServer, type TestServer } from "../testing/index.js";
import { unimplemented } from "./unimplemented.js";

// As `accord scaffold` writes methods.
const SKELETON = {
  async unary(_request, context) {
    throw unimplemented(context);
  },
  async clientStream(_requests, context) {
    throw unimplemented(context);
  },
  // biome-ignore lint/correctness/useYield: a method that isn't written yet
  async *serverStream(_request, context) {
    throw unimplemented(context);
  },
  // biome-ignore lint/correctness/useYield: a method that isn't written yet
  async *bidiStream(_requests, context) {
    throw unimplemented(context);
  },
} satisfies ProbeServicer;

let running: TestServer | undefined;
let client: RawClient | undefined;

afterEach(async () => {
  client?.close();
  await running?.close();
});

describe.each(["unary", "clientStream", "serverStream", "bidiStream"] as const)(
  "a %s method that isn't written yet",
  (kind) => {
    it("tells its caller so, and the log", async () => {
      const logger = new MemoryLogger();
      running = await startTestServer([bindProbe(SKELETON)], { logger });
      client = new RawClient(running.address);
      const method = ProbeService.method[kind];
      const path = `/probe.v1.ProbeService/${method.name}`;
      const message = `The method ${path} is not implemented`;

      const { code, details, responses } = await client.call(method, [{ id: "r-1" }]);
      expect({ code, details, responses }).toEqual({ code: GrpcStatus.UNIMPLEMENTED, details: message, responses: [] });

      const lines = () => logger.lines.filter(({ fields }) => fields.path === path);
      await expect.poll(() => lines().length).toBeGreaterThanOrEqual(2);
      expect(lines()).toMatchObject([
        { level: "info", message: `${kind}.request` },
        { level: "warn", message: `${kind}.response`, fields: { status: "UNIMPLEMENTED", error: message } },
      ]);
    });
  },
);

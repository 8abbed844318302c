import { create, fromBinary } from "@bufbuild/protobuf";
import { type Any, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { afterEach, describe, expect, it } from "vitest";
import { NestedSchema, ProbeRequestSchema, ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { probeClient } from "../../test-support/probe-client.js";
import { DuplicateRequestError, PROBE_ERROR_MAP } from "../../test-support/probe-errors.js";
import { callOnce, KINDS, servicerOf } from "../../test-support/probe-kinds.js";
import { bindProbe, type ProbeBinding, TooLowError } from "../../test-support/probe-service.js";
import { RawClient } from "../../test-support/raw-client.js";
import type { CallContext } from "../call/call-context.js";
import { ContractError } from "../errors/contract-error.js";
import { errorPair } from "../errors/error-map.js";
import { MAX_STATUS_BYTES, PUSHBACK_TRAILER, STATUS_DETAILS_TRAILER } from "../errors/status-details.js";
import { StatusError } from "../errors/status-error.js";
import { BadRequestSchema, ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "../gen/google/rpc/status_pb.js";
import { MemoryLogger, startTestServer, type TestServer } from "../testing/index.js";
import { Status, statusName } from "../wire/status.js";
import { bindService } from "./bind-service.js";
import type { PassThrough } from "./pass-through.js";

// Details of one's own, from the handler that throws them to the client that reads them.

const servers: TestServer[] = [];
const logger = new MemoryLogger();

afterEach(async () => {
  logger.lines.length = 0;
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(body: (context: CallContext) => never, options: ProbeBinding = {}): Promise<TestServer> {
  const server = await startTestServer(
    [
      bindProbe(
        servicerOf((_request, context) => body(context)),
        options,
      ),
    ],
    {
      logger,
    },
  );
  servers.push(server);
  return server;
}

const throwing = (error: unknown) => () => {
  throw error;
};

async function errorOf(server: TestServer, kind: (typeof KINDS)[number] = "unary"): Promise<ContractError> {
  const error = await callOnce(probeClient(server.channel), kind, {}).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ContractError);
  return error as ContractError;
}

const violations = anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations: [{ field: "amount" }] }));
const nested = anyPack(NestedSchema, create(NestedSchema, { name: "mine", password: "hunter2" }));

const lines = (level: string) => logger.lines.filter((line) => line.level === level);

/** What a plain client sees of the details. */
async function rawDetails(server: TestServer): Promise<{ code: number; details: Any[]; bytes: number }> {
  const client = new RawClient(server.address);
  const { code, trailers } = await client.call(ProbeService.method.unary, [{}]);
  client.close();
  const [encoded = new Uint8Array()] = trailers.get(STATUS_DETAILS_TRAILER) as Uint8Array[];
  return { code, details: fromBinary(StatusSchema, new Uint8Array(encoded)).details, bytes: encoded.byteLength };
}

describe("a declared error", () => {
  it.each(KINDS)("carries them beside its ErrorInfo: %s", async (kind) => {
    const server = await serve(throwing(new DuplicateRequestError({}, { details: [violations, nested] })), {
      errors: PROBE_ERROR_MAP,
    });
    const error = await errorOf(server, kind);
    expect(error).toBeInstanceOf(DuplicateRequestError);
    expect(error.detail(BadRequestSchema)?.fieldViolations).toMatchObject([{ field: "amount" }]);
    expect(error.detail(NestedSchema)).toMatchObject({ name: "mine", password: "hunter2" });
    expect(error.detail(ErrorInfoSchema)).toMatchObject({ reason: "DUPLICATE_REQUEST" });
    expect(error.detail(ProbeRequestSchema)).toBeUndefined();
  });

  it("leaves those out for which there is no room, and the log says which, without their text", async () => {
    const large = anyPack(NestedSchema, create(NestedSchema, { name: "hunter2".repeat(1000) }));
    const server = await serve(throwing(new TooLowError({ balance: "3" }, { details: [large, violations] })));
    const { details, bytes } = await rawDetails(server);
    expect(bytes).toBeLessThanOrEqual(MAX_STATUS_BYTES);
    expect(details.map(({ typeUrl }) => typeUrl.split(".").at(-1))).toEqual([
      "ProbeErrorDetail",
      "ErrorInfo",
      "BadRequest",
    ]);
    expect(details[1] && anyUnpack(details[1], ErrorInfoSchema)?.reason).toBe("TOO_LOW");
    await expect.poll(() => lines("warn")).toHaveLength(1);
    expect(String(lines("warn")[0]?.fields.err)).toMatch(/aren't sent: probe\.v1\.Nested \(70\d\d bytes\)$/);
  });

  it("that another server sent is passed on with all that it came with", async () => {
    const behind = await serve(throwing(new TooLowError({ balance: "3" }, { details: [violations, nested] })));
    const remote = await errorOf(behind);
    const front = await serve(throwing(new TooLowError({ balance: "3" }, { details: remote.details })));
    const { details } = await rawDetails(front);
    expect(details).toEqual(remote.details);
  });
});

describe("a StatusError", () => {
  const notFound = () => new StatusError(Status.NOT_FOUND, "no such thing", { details: [violations, nested] });

  async function serveThrough(thrown: unknown, passThrough: PassThrough | undefined) {
    const handler = throwing(thrown);
    const methods = Object.fromEntries(Object.keys(ProbeService.method).map((name) => [name, { handler }]));
    const bound = bindService(ProbeService, methods as never, passThrough === undefined ? {} : { passThrough });
    const server = await startTestServer([bound], { logger });
    servers.push(server);
    return server;
  }

  it.each([
    ["its status", [Status.NOT_FOUND]],
    ["all", "all"],
  ] as const)("leaves as it is, with its details alone, where %s may pass", async (_name, passThrough) => {
    const server = await serveThrough(notFound(), passThrough);
    const error = await errorOf(server);
    expect(error).toMatchObject({ status: Status.NOT_FOUND, message: "no such thing", code: "NOT_FOUND" });
    expect(error.details).toEqual([violations, nested]);
    await expect
      .poll(() => lines("warn").filter(({ message }) => message === "unary.response"))
      .toMatchObject([{ fields: { status: "NOT_FOUND", undeclared: true } }]);
  });

  it("has no details where it has none", async () => {
    const server = await serveThrough(new StatusError(Status.ABORTED, "try again"), "all");
    const client = new RawClient(server.address);
    const { code, details, trailers } = await client.call(ProbeService.method.unary, [{}]);
    client.close();
    expect({ code, details }).toEqual({ code: Status.ABORTED, details: "try again" });
    expect(trailers.get(STATUS_DETAILS_TRAILER)).toEqual([]);
  });

  it("passes with every status that an error can have", async () => {
    for (const status of Object.values(Status).slice(1)) {
      const server = await serveThrough(new StatusError(status, statusName(status)), "all");
      const client = new RawClient(server.address);
      expect(await client.call(ProbeService.method.unary, [{}])).toMatchObject({ code: status });
      client.close();
    }
  });

  it.each([
    ["none", undefined],
    ["an empty list", []],
    ["another", [Status.ABORTED]],
  ])("leaves as INTERNAL, and the log says what to do, where %s may pass", async (_name, passThrough) => {
    const server = await serveThrough(notFound(), passThrough);
    const error = await errorOf(server);
    expect(error).toMatchObject({
      status: Status.INTERNAL,
      message: expect.stringMatching(/^Internal error \(error id/),
    });
    expect(error.details).toEqual([]);
    await expect.poll(() => lines("error")).toMatchObject([{ fields: { status: "INTERNAL" } }]);
    expect(String(lines("error")[0]?.fields.err)).toMatch(/A StatusError of NOT_FOUND .*passThrough/);
  });

  it("is what a pair may make of somebody else's error, and of another server's answer", async () => {
    const upstream = await serveThrough(notFound(), "all");
    const pairs = [errorPair(ContractError, (error: ContractError) => StatusError.from(error))];
    const handler = () => probeClient(upstream.channel).unary({});
    const methods = Object.fromEntries(Object.keys(ProbeService.method).map((name) => [name, { handler }]));
    const proxy = bindService(ProbeService, methods as never, { errors: pairs, passThrough: "all" });
    const server = await startTestServer([proxy], { logger });
    servers.push(server);
    expect(await errorOf(server)).toMatchObject({ status: Status.NOT_FOUND, message: "no such thing" });
    expect((await rawDetails(server)).details).toEqual([violations, nested]);
  });

  it("is announced for each method when the server starts", async () => {
    await serveThrough(notFound(), [Status.NOT_FOUND, Status.ABORTED]);
    expect(lines("warn")).toMatchObject(
      ["Unary", "ClientStream", "ServerStream", "BidiStream"].map((name) => ({
        message: "server.pass_through",
        fields: { path: `/probe.v1.ProbeService/${name}`, statuses: ["NOT_FOUND", "ABORTED"] },
      })),
    );
  });

  it.each([[[Status.OK]], [[17]], ["ALL"], ["NOT_FOUND"], [[undefined]], [5], [{}]])(
    "may pass with statuses only: not %j",
    async (passThrough) => {
      await expect(serveThrough(notFound(), passThrough as never)).rejects.toThrow(
        /ProbeService: passThrough must be "all", or a list/,
      );
    },
  );
});

describe("trailers that a handler sets by itself", () => {
  const own = Buffer.from([1, 2, 3]);
  const setOwn = (context: CallContext) => {
    context.responseTrailers.set(STATUS_DETAILS_TRAILER, own);
    context.responseTrailers.set(PUSHBACK_TRAILER, "77");
  };

  async function trailersOf(thrown: unknown) {
    const server = await serve((context) => {
      setOwn(context);
      throw thrown;
    });
    const client = new RawClient(server.address);
    const { trailers } = await client.call(ProbeService.method.unary, [{}]);
    client.close();
    return trailers;
  }

  it("leave as they are, where the error has none", async () => {
    const trailers = await trailersOf(new Error("unknown"));
    expect(trailers.get(STATUS_DETAILS_TRAILER)).toEqual([own]);
    expect(trailers.get(PUSHBACK_TRAILER)).toEqual(["77"]);
    expect(logger.lines.filter(({ message }) => message === "trailer.replaced")).toEqual([]);
  });

  it("give way to the error's, and the log says so", async () => {
    const trailers = await trailersOf(new TooLowError({ balance: "1" }, { retryAfterMs: 5 }));
    expect(trailers.get(STATUS_DETAILS_TRAILER)).toHaveLength(1);
    expect(trailers.get(STATUS_DETAILS_TRAILER)).not.toEqual([own]);
    expect(trailers.get(PUSHBACK_TRAILER)).toEqual(["5"]);
    await expect
      .poll(() => logger.lines.filter(({ message }) => message === "trailer.replaced"))
      .toMatchObject(
        [STATUS_DETAILS_TRAILER, PUSHBACK_TRAILER].map((trailer) => ({
          level: "warn",
          fields: { path: "/probe.v1.ProbeService/Unary", trailer },
        })),
      );
  });
});

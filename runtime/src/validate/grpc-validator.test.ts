import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { afterEach, expect, it } from "vitest";
import type { ProbeRequest } from "../../test-support/gen/probe/v1/probe_pb.js";
import { ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { probeClient } from "../../test-support/probe-client.js";
import { PROBE_ERROR_MAP } from "../../test-support/probe-errors.js";
import { callOnce, KINDS } from "../../test-support/probe-kinds.js";
import { grpcErrorHandler } from "../call/grpc-error-handler.js";
import { grpcLogger } from "../call/grpc-logger.js";
import { ContractError } from "../errors/contract-error.js";
import { ViolationsSchema } from "../gen/buf/validate/violations_pb.js";
import { BadRequestSchema, ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { bindService } from "../server/bind-service.js";
import { MemoryLogger, startTestServer, type TestServer } from "../testing/index.js";
import { Status } from "../wire/status.js";
import { grpcValidator } from "./grpc-validator.js";
import {
  atKey,
  fieldStep,
  MAX_VIOLATIONS,
  mapStep,
  type Violations,
  validationRule,
  violated,
  violatedKey,
} from "./violation.js";
import { violationDetails } from "./violations-proto.js";

const ID = fieldStep("id", 1, 9);
const LABELS = mapStep("labels", 9, 11, 9, 9);
const MIN_LEN = validationRule("string.min_len", ["string", 14, 11], ["min_len", 2, 4]);

/** As it is generated: an id of two characters at least, and no empty key. */
function validateProbe({ id, action }: ProbeRequest): Violations {
  let found: Violations;
  if (id.length < 2) found = violated(found, ID, MIN_LEN, "must be at least 2 characters");
  if (action === "") found = violatedKey(found, atKey(LABELS, action), MIN_LEN, "must be at least 1 characters");
  return found;
}

const servers: TestServer[] = [];
const logger = new MemoryLogger();
afterEach(async () => {
  logger.lines.length = 0;
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A service whose methods tell what reached them. */
async function serve(reached: string[]): Promise<TestServer> {
  const wrap = <Method extends (...args: never[]) => unknown>(method: Method) =>
    grpcLogger()(grpcErrorHandler(PROBE_ERROR_MAP, [])(grpcValidator(validateProbe)(method)));
  async function* echo(requests: AsyncIterable<ProbeRequest>) {
    for await (const { id } of requests) {
      reached.push(id);
      yield { id };
    }
  }
  const methods = {
    unary: { handler: wrap(async ({ id }: ProbeRequest) => ({ id: reached[reached.push(id) - 1] ?? "" })) },
    serverStream: {
      handler: wrap(async function* ({ id }: ProbeRequest) {
        reached.push(id);
        yield { id };
      }),
    },
    clientStream: {
      handler: wrap(async (requests: AsyncIterable<ProbeRequest>) => {
        for await (const _ of echo(requests));
        return {};
      }),
    },
    bidiStream: { handler: wrap((requests: AsyncIterable<ProbeRequest>) => echo(requests)) },
  };
  const server = await startTestServer([bindService(ProbeService, methods)], { logger });
  servers.push(server);
  return server;
}

it.each(KINDS)("%s: no request that breaks its rules reaches the method, and the caller learns which", async (kind) => {
  const reached: string[] = [];
  const server = await serve(reached);
  const error = await callOnce(probeClient(server.channel), kind, { id: "x" }).catch((thrown: unknown) => thrown);
  if (!(error instanceof ContractError)) {
    return expect.unreachable();
  }
  expect(reached).toEqual([]);
  expect(error).toMatchObject({
    status: Status.INVALID_ARGUMENT,
    code: "INVALID_REQUEST",
    message: "The request is invalid: id: must be at least 2 characters (and 1 more)",
  });
  expect(error.detail(ErrorInfoSchema)).toMatchObject({ reason: "INVALID_REQUEST", domain: PROBE_ERROR_MAP.domain });
  expect(error.detail(BadRequestSchema)?.fieldViolations).toMatchObject([
    { field: "id", description: "must be at least 2 characters", reason: "STRING_MIN_LEN" },
    { field: 'labels[""]', description: "must be at least 1 characters" },
  ]);
  expect(error.detail(ViolationsSchema)?.violations).toMatchObject([
    { ruleId: "string.min_len", forKey: false, field: { elements: [{ fieldName: "id", fieldNumber: 1 }] } },
    { ruleId: "string.min_len", forKey: true, field: { elements: [{ subscript: { case: "stringKey", value: "" } }] } },
  ]);
  await expect.poll(() => logger.lines.filter(({ message }) => message === `${kind}.response`)).toHaveLength(1);
  expect(logger.lines.at(-1)).toMatchObject({ level: "warn" });
});

it.each(KINDS)("%s: what is valid passes", async (kind) => {
  const reached: string[] = [];
  const server = await serve(reached);
  await callOnce(probeClient(server.channel), kind, { id: "xy", action: "go" });
  expect(reached).toEqual(["xy"]);
});

it("tells as many violations as a status has room for, and collects no more than a hundred", () => {
  let found: Violations;
  for (let i = 0; i < 10_000; i++) {
    found = violated(found, ID, MIN_LEN, "must be at least 2 characters");
  }
  expect(found).toHaveLength(MAX_VIOLATIONS);
  const [badRequest, violations] = violationDetails(found ?? []);
  expect((badRequest?.value.byteLength ?? 0) + (violations?.value.byteLength ?? 0)).toBeLessThanOrEqual(1_800);
  const told = violations && anyUnpack(violations, ViolationsSchema)?.violations.length;
  expect(told).toBeGreaterThan(3);
});

it("checks each message of a stream", async () => {
  const reached: string[] = [];
  const server = await serve(reached);
  async function* requests() {
    yield { id: "first", action: "go" };
    yield { id: "x", action: "go" };
    yield { id: "third", action: "go" };
  }
  await expect(probeClient(server.channel).clientStream(requests())).rejects.toMatchObject({
    code: "INVALID_REQUEST",
    message: "The request is invalid: id: must be at least 2 characters",
  });
  expect(reached).toEqual(["first"]);
});

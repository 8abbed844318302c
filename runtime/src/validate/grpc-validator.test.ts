import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { afterEach, expect, it } from "vitest";
import type { ProbeRequest, ProbeResponse } from "../../test-support/gen/probe/v1/probe_pb.js";
import { ProbeResponseSchema, ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { probeClient } from "../../test-support/probe-client.js";
import { PROBE_CATEGORIES, PROBE_DOMAIN, ProbeInvalidArgumentError } from "../../test-support/probe-errors.js";
import { callOnce, KINDS } from "../../test-support/probe-kinds.js";
import { grpcErrorHandler } from "../call/grpc-error-handler.js";
import { grpcLogger } from "../call/grpc-logger.js";
import { ContractError, type ContractErrorOptions } from "../errors/contract-error.js";
import { defineErrorMap } from "../errors/error-map.js";
import { ViolationsSchema } from "../gen/buf/validate/violations_pb.js";
import { BadRequestSchema, ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { bindService } from "../server/bind-service.js";
import { MemoryLogger, startTestServer, type TestServer } from "../testing/index.js";
import { Status } from "../wire/status.js";
import { grpcResponseValidator, grpcValidator } from "./grpc-validator.js";
import { type BrokenRules, brokenRules } from "./refusal.js";
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

class InvalidRequestError extends ProbeInvalidArgumentError {
  override readonly code = "INVALID_REQUEST";

  constructor({ field, problem, rule, count }: BrokenRules, options?: ContractErrorOptions) {
    const message = `The request is invalid: ${field}: ${problem}`;
    const metadata = { field, problem, rule, count };
    super({ code: "INVALID_REQUEST", status: Status.INVALID_ARGUMENT, message, metadata }, options);
  }
}

const ERROR_MAP = defineErrorMap({
  domain: PROBE_DOMAIN,
  errors: [
    {
      exception: InvalidRequestError,
      status: Status.INVALID_ARGUMENT,
      code: "INVALID_REQUEST",
      message: "The request is invalid: {field}: {problem}",
      metadata: ["field", "problem", "rule", "count"],
    },
  ],
  categories: PROBE_CATEGORIES,
});

/** No response may have the id `secret`. */
function validateResponse({ id }: ProbeResponse): Violations {
  return id === "secret" ? violated(undefined, ID, MIN_LEN, "must be at least 7 characters") : undefined;
}

const servers: TestServer[] = [];
const logger = new MemoryLogger();
afterEach(async () => {
  logger.lines.length = 0;
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A service whose methods tell what reached them. */
async function serve(reached: string[], checkResponses = false): Promise<TestServer> {
  const checkResponse = grpcResponseValidator(ProbeResponseSchema, validateResponse, { checkResponses });
  const wrap = <Method extends (...args: never[]) => unknown>(method: Method) =>
    grpcLogger()(
      grpcErrorHandler(ERROR_MAP, [InvalidRequestError])(
        grpcValidator(validateProbe, InvalidRequestError)(checkResponse(method)),
      ),
    );
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
    message: "The request is invalid: id: must be at least 2 characters",
  });
  expect(error.detail(ErrorInfoSchema)).toMatchObject({
    reason: "INVALID_REQUEST",
    domain: PROBE_DOMAIN,
    metadata: { field: "id", problem: "must be at least 2 characters", rule: "string.min_len", count: "2" },
  });
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

it.each(KINDS)("%s: a response that breaks its rules is a defect, if they are checked", async (kind) => {
  const server = await serve([], true);
  const call = callOnce(probeClient(server.channel), kind, { id: "secret", action: "go" });
  if (kind === "clientStream") {
    // Its response has no id.
    return void (await call);
  }
  const error = await call.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ status: Status.INTERNAL });
  expect(error).toMatchObject({ message: expect.stringMatching(/^Internal error \(error id [0-9a-f]{12}\)$/) });
  await expect.poll(() => logger.lines.filter(({ message }) => message === `${kind}.response`)).toHaveLength(1);
  expect(JSON.stringify(logger.lines.at(-1)?.fields.err, ["message"])).toContain("id: must be at least 7 characters");
});

it("lets responses out unchecked otherwise", async () => {
  const server = await serve([]);
  await expect(probeClient(server.channel).unary({ id: "secret", action: "go" })).resolves.toMatchObject({
    id: "secret",
  });
});

it.each(KINDS)("%s: a client that checks sends nothing that breaks a rule", async (kind) => {
  const reached: string[] = [];
  const server = await serve(reached);
  const checks = { [kind]: validateProbe };
  const policy = { refusal: { exception: InvalidRequestError, keys: ["field", "problem"] } };
  const client = probeClient(server.channel, { checks }, policy);
  const error = await callOnce(client, kind, { id: "x", action: "go" }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InvalidRequestError);
  expect(error).toMatchObject({
    remote: false,
    code: "INVALID_REQUEST",
    metadata: { field: "id", problem: "must be at least 2 characters" },
  });
  await callOnce(client, kind, { id: "xy", action: "go" });
  expect(reached).toEqual(["xy"]);
  await expect.poll(() => logger.lines.filter(({ message }) => message === `${kind}.response`)).not.toHaveLength(0);
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

it("keeps the keys of maps out of the message, which is logged", async () => {
  const server = await serve([]);
  const error = await probeClient(server.channel)
    .unary({ id: "xy" })
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ message: "The request is invalid: labels: must be at least 1 characters" });
});

it.each([
  ["the id of a rule in CEL", ["cel"], "transfer.plausible", "breaks the rule transfer.plausible"],
  ["the id of a predefined rule", ["string", "[acme.v1.iban]"], "string.iban", "breaks the rule string.iban"],
  ["the id of a rule of the message", [], "transfer.different", "breaks the rule transfer.different"],
  ["what a standard rule says", ["string", "min_len"], "string.min_len", "CH93 is wrong"],
  ["what is said of a field that is missing", [], "required", "CH93 is wrong"],
])("tells everybody %s", (_, path, id, problem) => {
  const rule = { id, path: path.map((name) => fieldStep(name, 1, 9)) };
  expect(brokenRules([{ field: [ID], rule, message: "CH93 is wrong", forKey: false }])).toMatchObject({ problem });
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

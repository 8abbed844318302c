import type { MessageInitShape } from "@bufbuild/protobuf";
import { credentials } from "@grpc/grpc-js";
import { afterAll, describe, expect, expectTypeOf, it } from "vitest";
import type {
  ProbeRequestSchema,
  ProbeResponse,
  ProbeResponseSchema,
} from "../../test-support/gen/probe/v1/probe_pb.js";
import { ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { insecureChannel } from "../../test-support/probe-client.js";
import {
  type AuditFullError,
  DuplicateRequestError,
  InsufficientFundsError,
  PROBE_ERROR_MAP,
} from "../../test-support/probe-errors.js";
import { buildChannel } from "../channel/channel.js";
import { ContractError } from "../errors/contract-error.js";
import { bindClient } from "./bind-client.js";
import type {
  BidiStreamingMethod,
  ClientStreamingMethod,
  Result,
  ServerStreamingMethod,
  UnaryMethod,
} from "./client-method.js";

// Half of these tests are done when the file compiles: `tsc` reports each `@ts-expect-error` that isn't needed.

type Declared = InsufficientFundsError | DuplicateRequestError;

const channel = insecureChannel("127.0.0.1:1");
afterAll(() => channel.close());

/** What the plugin emits: a method with a timeout in its contract, and one of each kind without. */
class GeneratedClient {
  readonly withTimeout: UnaryMethod<typeof ProbeRequestSchema, typeof ProbeResponseSchema, Declared>;
  readonly unary: UnaryMethod<typeof ProbeRequestSchema, typeof ProbeResponseSchema, Declared, "timeoutMs">;
  readonly quiet: UnaryMethod<typeof ProbeRequestSchema, typeof ProbeResponseSchema, never, "timeoutMs">;
  readonly clientStream: ClientStreamingMethod<
    typeof ProbeRequestSchema,
    typeof ProbeResponseSchema,
    Declared,
    "timeoutMs"
  >;
  readonly serverStream: ServerStreamingMethod<
    typeof ProbeRequestSchema,
    typeof ProbeResponseSchema,
    never,
    "timeoutMs"
  >;
  readonly bidiStream: BidiStreamingMethod<
    typeof ProbeRequestSchema,
    typeof ProbeResponseSchema,
    InsufficientFundsError,
    "timeoutMs"
  >;

  constructor() {
    const client = bindClient(ProbeService, PROBE_ERROR_MAP, channel);
    const raises = [InsufficientFundsError, DuplicateRequestError] as const;
    this.withTimeout = client.unary(ProbeService.method.unary, {
      raises: [InsufficientFundsError, DuplicateRequestError],
      timeoutMs: 5_000,
      idempotencyKey: "id",
    });
    this.unary = client.unary(ProbeService.method.unary, { raises });
    this.quiet = client.unary(ProbeService.method.unary, { raises: [] });
    this.clientStream = client.clientStreaming(ProbeService.method.clientStream, { raises });
    this.serverStream = client.serverStreaming(ProbeService.method.serverStream, { raises: [] });
    this.bidiStream = client.bidiStreaming(ProbeService.method.bidiStream, { raises: [InsufficientFundsError] });
  }
}

const client = new GeneratedClient();
async function* requests(): AsyncGenerator<MessageInitShape<typeof ProbeRequestSchema>> {}

// Never called: it is compiled.
function aDeadlineIsRequired(): unknown[] {
  return [
    client.withTimeout({ id: "1" }),
    client.withTimeout({ id: "1" }, {}),
    client.unary({ id: "1" }, { timeoutMs: 500 }),
    // @ts-expect-error the contract has no timeout, so the call must name one
    client.unary({ id: "1" }),
    // @ts-expect-error
    client.unary({ id: "1" }, {}),
    // @ts-expect-error
    client.unary({ id: "1" }, { timeoutMs: undefined }),
    // @ts-expect-error
    client.unary.result({ id: "1" }),
    // @ts-expect-error
    client.clientStream(requests()),
    // @ts-expect-error
    client.clientStream.result(requests(), { waitForReady: true }),
    // @ts-expect-error
    client.serverStream({}),
    // @ts-expect-error
    client.bidiStream(requests(), {}),
    client.bidiStream(requests(), { timeoutMs: Number.POSITIVE_INFINITY }),
  ];
}

function requestsAreTyped(): unknown[] {
  return [
    // @ts-expect-error no such field
    client.withTimeout({ idd: "1" }),
    // @ts-expect-error an int64 is a bigint
    client.withTimeout({ count: 1 }),
    // @ts-expect-error a misspelt option
    client.withTimeout({}, { timeoutMS: 5 }),
  ];
}

function isNever(value: never): string {
  return String(value);
}

function everyErrorIsHandled(result: Result<ProbeResponse, Declared>): string {
  if (result.ok) {
    expectTypeOf(result.value).toEqualTypeOf<ProbeResponse>();
    return result.value.id;
  }
  switch (result.error.code) {
    case "INSUFFICIENT_FUNDS":
      expectTypeOf(result.error).toEqualTypeOf<InsufficientFundsError>();
      return result.error.metadata.balance;
    case "DUPLICATE_REQUEST":
      return "again";
    default:
      return isNever(result.error);
  }
}

// The same, after the contract got one more error.
function aNewErrorBreaksTheSwitch(result: Result<ProbeResponse, Declared | AuditFullError>): string {
  if (result.ok) {
    return result.value.id;
  }
  switch (result.error.code) {
    case "INSUFFICIENT_FUNDS":
      return result.error.metadata.balance;
    case "DUPLICATE_REQUEST":
      return "again";
    default:
      // @ts-expect-error AUDIT_FULL isn't handled
      return isNever(result.error);
  }
}

function channelOptionsAreTyped(): void {
  const plain = credentials.createInsecure();
  buildChannel("x", {}, { credentials: plain, extraOptions: { "grpc.keepalive_time_ms": 1_000 } });
  // @ts-expect-error misspelt
  buildChannel("x", {}, { credentials: plain, extraOptions: { "grpc.keep_alive_time_ms": 1_000 } });
  // @ts-expect-error a number
  buildChannel("x", {}, { credentials: plain, extraOptions: { "grpc.keepalive_time_ms": "1s" } });
  // @ts-expect-error only servers read it
  buildChannel("x", {}, { credentials: plain, extraOptions: { "grpc.max_connection_age_ms": 1_000 } });
  // @ts-expect-error
  buildChannel("x", {}, {});
  // @ts-expect-error lower case only
  buildChannel("x", { loadBalancingConfig: [{ ROUND_ROBIN: {} }] }, { credentials: plain });
  // @ts-expect-error not a duration
  buildChannel("x", { methodConfig: [{ name: [{}], timeout: "5 seconds" }] }, { credentials: plain });
}

describe("types", () => {
  it("compile", () => {
    expect([
      aDeadlineIsRequired,
      requestsAreTyped,
      everyErrorIsHandled,
      aNewErrorBreaksTheSwitch,
      channelOptionsAreTyped,
    ]).toHaveLength(5);
  });

  it("know the errors of a method", () => {
    expectTypeOf(client.unary.result).returns.resolves.toEqualTypeOf<Result<ProbeResponse, Declared>>();
    expectTypeOf(client.quiet.result).returns.resolves.toEqualTypeOf<Result<ProbeResponse, never>>();
    expectTypeOf<InsufficientFundsError["code"]>().toEqualTypeOf<"INSUFFICIENT_FUNDS">();
  });
});

it("a switch over a result runs as it reads", () => {
  const error = new InsufficientFundsError({ balance: "5", amount: "7" });
  expect(error).toBeInstanceOf(ContractError);
  expect(everyErrorIsHandled({ ok: false, error })).toBe("5");
});

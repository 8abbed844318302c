import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ChangeRuleId } from "./breaking/contract-change.js";
import { CHANGE_RULES } from "./breaking/contract-change.js";
import { accord, ProtoFolder } from "./cli.fixture.js";

const PROTO = `syntax = "proto3";
package shop.v1;
import "accord/v1/options.proto";

option (accord.v1.file) = {error_domain: "shop.example.com", error_detail: "shop.v1.Detail"};

enum ShopErrorCode {
  option (accord.v1.errors) = {};
  SHOP_ERROR_CODE_UNSPECIFIED = 0;
  SHOP_ERROR_CODE_SOLD_OUT = 1 [(accord.v1.error) = {status: FAILED_PRECONDITION, resend: RESEND_NEVER}];
  SHOP_ERROR_CODE_LIMITED = 2 [(accord.v1.error) = {status: FAILED_PRECONDITION, parent: "SOLD_OUT"}];
  SHOP_ERROR_CODE_BUSY = 3 [(accord.v1.error) = {status: UNAVAILABLE}];
  SHOP_ERROR_CODE_UNPAID = 4 [(accord.v1.error) = {status: NOT_FOUND, metadata: ["item", "left"]}];
  SHOP_ERROR_CODE_WRONG = 6 [(accord.v1.error) = {
    status: INVALID_ARGUMENT
    details: ["google.rpc.BadRequest", "google.rpc.Help"]
  }];
}

service ShopService {
  option (accord.v1.service) = {
    retry_policies: {key: "short", value: {max_attempts: 3}}
    throttle: {max_tokens: 10}
    auth: {requirement: AUTH_REQUIREMENT_OPTIONAL, scopes: ["shop"]}
  };
  rpc Buy(BuyRequest) returns (Detail) {
    option idempotency_level = IDEMPOTENT;
    option (accord.v1.method) = {
      call: {timeout: "10s", max_timeout: "20s", retry_ref: "short", max_request_bytes: 100000}
      raises: ["SOLD_OUT", "LIMITED"]
      log: [{path: "card", mask: MASK_HASH}]
      auth: {requirement: AUTH_REQUIREMENT_REQUIRED, scopes: ["buy"]}
    };
  }
  rpc Watch(WatchRequest) returns (stream Item) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (accord.v1.method) = {
      call: {timeout: "7s"}
      resume: {from: "sequence", with: "after_sequence"}
    };
  }
  rpc Browse(BuyRequest) returns (Detail) {
    option (accord.v1.method).call = {timeout: "5s", no_resend: true};
    option (accord.v1.method).raises = "UNPAID";
  }
  rpc List(WatchRequest) returns (Item) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (accord.v1.method) = {
      call: {timeout: "6s"}
      auth: {requirement: AUTH_REQUIREMENT_NONE}
      cache: {max_age: "30s"}
    };
  }
  rpc Glance(WatchRequest) returns (Item) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (accord.v1.method).call.timeout = "4s";
  }
}

message BuyRequest {
  string request_id = 1 [(accord.v1.field).idempotency_key = true];
  string card = 2 [debug_redact = true];
  string name = 3;
}

message WatchRequest {
  uint64 after_sequence = 1;
  uint64 after_revision = 2;
}

message Item {
  uint64 sequence = 1;
  uint64 revision = 2;
}

message Detail {
  string code = 1;
  string message = 2;
  map<string, string> metadata = 3;
}
`;

let project: ProtoFolder;
beforeAll(() => {
  project = new ProtoFolder({ "protos/shop/v1/shop.proto": PROTO }).installBuf();
  project.build("old.binpb");
});
afterAll(() => project.remove());

/** Compares another version with the first one, both as images: that takes buf only once. */
function breaking(after: string, ...argv: string[]) {
  project.put("protos/shop/v1/shop.proto", after);
  project.build("new.binpb");
  return accord(["breaking", "new.binpb", "--against", "old.binpb", ...argv], { cwd: project.path });
}

const CHANGES: readonly [rule: ChangeRuleId, from: string, to: string, message: string][] = [
  [
    "ERROR_REMOVED",
    'SHOP_ERROR_CODE_LIMITED = 2 [(accord.v1.error) = {status: FAILED_PRECONDITION, parent: "SOLD_OUT"}];',
    "",
    "LIMITED is gone",
  ],
  [
    "ERROR_CODE_CHANGED",
    "{status: UNAVAILABLE}",
    '{status: UNAVAILABLE, code: "BUSIER", exception: "BusyError"}',
    "the code was BUSY and is BUSIER",
  ],
  [
    "ERROR_STATUS_CHANGED",
    "{status: UNAVAILABLE}",
    "{status: RESOURCE_EXHAUSTED}",
    "BUSY was UNAVAILABLE and is RESOURCE_EXHAUSTED",
  ],
  ["ERROR_METADATA_REMOVED", '["item", "left"]', '["left", "more"]', "UNPAID no longer carries item."],
  [
    "ERROR_DETAILS_REMOVED",
    '["google.rpc.BadRequest", "google.rpc.Help"]',
    '["google.rpc.Help", "google.rpc.QuotaFailure"]',
    "WRONG no longer carries the details google.rpc.BadRequest.",
  ],
  [
    "ERROR_DOMAIN_CHANGED",
    'error_domain: "shop.example.com"',
    'error_domain: "shop"',
    'was "shop.example.com" and is "shop"',
  ],
  ["ERROR_DETAIL_CHANGED", ', error_detail: "shop.v1.Detail"', "", "carried shop.v1.Detail, and now carry no detail"],
  ["ERROR_PARENT_CHANGED", ', parent: "SOLD_OUT"', "", "LIMITED was a case of SOLD_OUT"],
  ["ERROR_RESEND_ALLOWED", ", resend: RESEND_NEVER", "", "after SOLD_OUT the server forbade"],
  [
    "EXCEPTION_RENAMED",
    "{status: UNAVAILABLE}",
    '{status: UNAVAILABLE, exception: "CrowdedError"}',
    "was BusyError and is CrowdedError",
  ],
  [
    "RAISE_ADDED",
    'raises: ["SOLD_OUT", "LIMITED"]',
    'raises: ["SOLD_OUT", "LIMITED", "BUSY"]',
    "Buy now raises BUSY too.",
  ],
  ["RETRY_WIDENED", "max_attempts: 3}", "max_attempts: 4}", "Buy was sent 3 times at most, and now 4 times."],
  [
    "RETRY_WIDENED",
    "max_attempts: 3}",
    'max_attempts: 3, initial_backoff: "10ms"}',
    "waited 100ms before attempt 2, and now 10ms",
  ],
  [
    "RETRY_WIDENED",
    "max_attempts: 3}",
    'max_attempts: 3, max_backoff: "150ms"}',
    "waited 200ms before attempt 3, and now 150ms",
  ],
  [
    "RETRY_WIDENED",
    "throttle: {max_tokens: 10}",
    "throttle: {off: true}",
    "retries of shop.v1 stopped while most calls failed",
  ],
  ["RETRY_WIDENED", "no_resend: true};", "retry: {}};", "Browse was sent once, and now is retried."],
  ["RETRY_WIDENED", 'retry_ref: "short"', "hedge: {max_attempts: 2}", "Buy was retried, and now is hedged"],
  [
    "RETRY_WIDENED",
    "max_attempts: 3}}",
    'max_attempts: 3, codes: [UNAVAILABLE, ABORTED]}} allow: {rule: "RETRY_CODES", reason: "a test"}',
    "Buy is now sent again after ABORTED too.",
  ],
  [
    "RESUME_REMOVED",
    'resume: {from: "sequence", with: "after_sequence"}',
    "",
    "Watch's streams went on by sequence and after_sequence where they broke, and now they end.",
  ],
  [
    "RESUME_REMOVED",
    'from: "sequence", with: "after_sequence"',
    'from: "revision", with: "after_revision"',
    "and now they go on by revision and after_revision.",
  ],
  ["TIMEOUT_LOWERED", 'timeout: "10s"', 'timeout: "9s"', "Buy had 10s and has 9s."],
  ["TIMEOUT_LOWERED", 'timeout: "5s", ', "", "Browse had 5s, and callers must now name a deadline themselves."],
  ["MAX_TIMEOUT_LOWERED", 'max_timeout: "20s"', 'max_timeout: "15s"', "Buy was granted 20s, and now 15s at most."],
  [
    "MAX_TIMEOUT_LOWERED",
    'timeout: "5s", ',
    'timeout: "5s", max_timeout: "1h", ',
    "Browse was granted whatever the caller asked for, and now 1h",
  ],
  [
    "SIZE_LOWERED",
    "max_request_bytes: 100000",
    "max_request_bytes: 65536",
    "Buy's requests could have 100,000 bytes, and now 64 KiB.",
  ],
  [
    "SIZE_LOWERED",
    'timeout: "5s", ',
    'timeout: "5s", max_response_bytes: 1048576, ',
    "Browse's responses could have 4 MiB, and now 1 MiB.",
  ],
  ["AUTH_TIGHTENED", "AUTH_REQUIREMENT_OPTIONAL", "AUTH_REQUIREMENT_REQUIRED", "was OPTIONAL and is REQUIRED"],
  ["AUTH_TIGHTENED", '["buy"]', '["buy", "pay"]', "now asks for pay too"],
  ["AUTH_LOOSENED", '["buy"]', "[]", "no longer asks for buy"],
  // What the service asks for is asked of the method, too.
  ["AUTH_LOOSENED", '["shop"]', "[]", "Buy no longer asks for shop"],
  ["AUTH_TIGHTENED", '["shop"]', '["shop", "pay"]', "Buy now asks for pay too"],
  [
    "AUTH_LOOSENED",
    "AUTH_REQUIREMENT_OPTIONAL",
    "AUTH_REQUIREMENT_NONE",
    "Browse's authentication was OPTIONAL and is NONE",
  ],
  [
    "IDEMPOTENCY_KEY_REMOVED",
    " [(accord.v1.field).idempotency_key = true]",
    "",
    "filled in request_id as the request id, and don't",
  ],
  [
    "IDEMPOTENCY_LOWERED",
    "option idempotency_level = IDEMPOTENT;",
    "",
    "Buy was IDEMPOTENT and is IDEMPOTENCY_UNKNOWN.",
  ],
  ["CACHE_WIDENED", '"30s"', '"31s"', "List's answers were kept by each caller's own cache, for 30 s, and now by"],
  ["CACHE_WIDENED", '"30s"', '"10s", shared: true', "and now by any cache, for 10 s."],
  [
    "CACHE_WIDENED",
    '.call.timeout = "4s"',
    '= {call: {timeout: "4s"} cache: {max_age: "1s"}}',
    "Glance's answers were kept by nobody, and now by each caller's own cache, for 1 s.",
  ],
  ["REDACTION_REMOVED", " [debug_redact = true]", "", "shop.v1.BuyRequest.card was debug_redact"],
  ["LOG_UNMASKED", "MASK_HASH", "MASK_LAST4", "Buy logged card masked (hash), and now by another mask (last4)."],
];

describe("accord breaking finds", () => {
  it.each(CHANGES)("%s: %s -> %s", async (rule, from, to, message) => {
    expect(PROTO).toContain(from);
    const after = PROTO.replace(from, to).replace(
      rule === "ERROR_REMOVED" ? ', "LIMITED"]' : "",
      rule === "ERROR_REMOVED" ? "]" : "",
    );
    const { code, stdout, stderr } = await breaking(after);
    const { severity } = CHANGE_RULES[rule];
    const lines = stdout.split("\n").filter((line) => line.includes(` ${rule}: `));
    expect(lines.length, stdout + stderr).toBeGreaterThan(0);
    expect(lines.join("\n")).toMatch(new RegExp(`^shop/v1/shop\\.proto:\\d+:\\d+: ${severity} ${rule}: `));
    expect(lines.join("\n")).toContain(message);
    // Nothing else is found.
    expect(lines).toHaveLength(stdout.trimEnd().split("\n").length);
    expect(code).toBe(severity === "error" ? 1 : 0);
  });

  it("all kinds of changes that there are", () => {
    expect(new Set(CHANGES.map(([rule]) => rule))).toEqual(new Set(Object.keys(CHANGE_RULES)));
  });
});

describe("accord breaking", () => {
  const HARMLESS: readonly [name: string, from: string, to: string][] = [
    ["nothing changed", "", ""],
    [
      "a new error that nothing raises yet",
      "SHOP_ERROR_CODE_BUSY = 3",
      "SHOP_ERROR_CODE_CLOSED = 5 [(accord.v1.error) = {status: NOT_FOUND}];\n  SHOP_ERROR_CODE_BUSY = 3",
    ],
    ["more metadata", '["item", "left"]', '["item", "left", "more"]'],
    ["longer waits", "max_attempts: 3}", 'max_attempts: 3, initial_backoff: "200ms"}'],
    ["fewer attempts", "max_attempts: 3}", "max_attempts: 2}"],
    ["no retries", 'retry_ref: "short"', "no_resend: true"],
    ["a scope that the service asks for already", '["buy"]', '["shop", "buy"]'],
    ["more time", 'timeout: "10s"', 'timeout: "11s"'],
    ["larger requests", "max_request_bytes: 100000", "max_request_bytes: 200000"],
    ["a stronger mask", "MASK_HASH", "MASK_LENGTH"],
    ["answers that are kept for less long", '{max_age: "30s"}', '{max_age: "29s"}'],
    ["answers that are no longer kept", 'cache: {max_age: "30s"}', ""],
    ["a raise less", '["SOLD_OUT", "LIMITED"]', '["SOLD_OUT"]'],
  ];
  it.each(HARMLESS)("is content with %s", async (_, from, to) => {
    const { code, stdout, stderr } = await breaking(PROTO.replace(from, to));
    expect(stdout).toBe("");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "Compared with old.binpb: nothing breaks.\n" });
  });

  it("leaves what is gone to buf breaking", async () => {
    expect((await breaking(PROTO.replace("rpc Browse", "rpc Look"))).code).toBe(0);
    expect((await breaking(PROTO.replace("service ShopService", "service StallService"))).code).toBe(0);
    expect((await breaking(PROTO.replaceAll("shop.v1", "shop.v2"))).code).toBe(0);
  });

  it("prints JSON, and leaves out rules", async () => {
    const after = PROTO.replace('timeout: "10s"', 'timeout: "9s"').replace(
      "{status: UNAVAILABLE}",
      "{status: ABORTED}",
    );
    const { code, stdout, stderr } = await breaking(after, "--json");
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      errors: 2,
      warnings: 0,
      changes: [
        { rule: "ERROR_STATUS_CHANGED", severity: "error", path: "shop/v1/shop.proto", line: 12 },
        { rule: "TIMEOUT_LOWERED" },
      ],
    });
    const less = await breaking(after, "--except", "ERROR_STATUS_CHANGED", "--except", "TIMEOUT_LOWERED");
    expect(less).toMatchObject({ code: 0, stdout: "" });
  });

  it("compares folders, and gives paths that can be opened", async () => {
    project.put("protos/shop/v1/shop.proto", PROTO.replace('timeout: "10s"', 'timeout: "9s"'));
    const { code, stdout } = await accord(["breaking", "protos", "--against", "old.binpb"], { cwd: project.path });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^protos\/shop\/v1\/shop\.proto:\d+:\d+: error TIMEOUT_LOWERED: /);
  });

  it("needs something to compare with, and rules that there are", async () => {
    expect(await accord(["breaking"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Compare with what?"),
    });
    expect((await accord(["breaking", "-", "--against", "-"])).stderr).toContain("Only one of the two versions");
    const { code, stderr } = await breaking(PROTO, "--except", "RAISES_ADDED");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^accord: There is no rule "RAISES_ADDED"\. Did you mean RAISE_ADDED\?\nThe rules are:\n {2}ERROR_REMOVED\n/,
    );
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accord, ProtoFolder } from "./cli.fixture.js";

const PROTO = `syntax = "proto3";
package shop.v1;
import "accord/v1/options.proto";
enum ShopErrorCode {
  option (accord.v1.errors) = {};
  SHOP_ERROR_CODE_UNSPECIFIED = 0;
  SHOP_ERROR_CODE_SOLD_OUT = 1 [(accord.v1.error) = {status: FAILED_PRECONDITION, message: "{item} is *sold* out", metadata: ["item"]}];
  SHOP_ERROR_CODE_BUSY = 2 [(accord.v1.error) = {status: UNAVAILABLE, message: "Too busy"}];
}
service ShopService {
  rpc Buy(BuyRequest) returns (BuyResponse) {
    option idempotency_level = IDEMPOTENT;
    option (accord.v1.method) = {
      call: {timeout: "10s", retry: {max_attempts: 3}}
      raises: ["SOLD_OUT"]
      log: [{path: "card", mask: MASK_HASH}]
    };
  }
  rpc Watch(BuyRequest) returns (stream BuyResponse) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (accord.v1.method) = {call: {timeout: "7s"}, resume: {from: "sequence", with: "after"}};
  }
  rpc List(BuyRequest) returns (BuyResponse) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (accord.v1.method) = {call: {timeout: "3s"}, cache: {max_age: "1m"}};
  }
  // Looks around.
  //
  // At length.
  rpc Browse(BuyRequest) returns (BuyResponse) {
    option (accord.v1.method) = {call: {timeout: "5s"}, raises: ["BUSY"]};
  }
}
message BuyRequest {
  string card = 1;
  string name = 2;
  uint64 after = 3;
}
message BuyResponse {
  uint64 sequence = 1;
}
`;

let project: ProtoFolder;
beforeAll(() => {
  project = new ProtoFolder({ "protos/shop/v1/shop.proto": PROTO }).installBuf();
  project.build("old.binpb");
});
afterAll(() => project.remove());

/** What the command says of the contract with some text replaced. */
async function diff(replacements: readonly (readonly [from: string, to: string])[], ...argv: readonly string[]) {
  const after = replacements.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, PROTO);
  project.put("protos/shop/v1/shop.proto", after);
  project.build("new.binpb");
  return accord(["diff", "new.binpb", "--against", "old.binpb", ...argv], { cwd: project.path });
}

// Each kind of change, and the sentence that tells of it.
const CHANGES: readonly [from: string, to: string, sentence: string][] = [
  ['timeout: "10s"', 'timeout: "8s"', "A call gives up after 8 s, unless its caller says otherwise. Before: 10 s."],
  [
    'timeout: "5s"',
    "no_resend: true",
    "Each caller has to say how long it waits: the 5 s that held for those who didn't are gone.",
  ],
  [
    'timeout: "5s"',
    'timeout: "5s", max_timeout: "9s"',
    "The server works on a call for 9 s at most. Before: whatever the caller asked for.",
  ],
  [
    ', resume: {from: "sequence", with: "after"}',
    "",
    "When a stream breaks, it fails. Before: it goes on behind its last sequence after UNAVAILABLE, in up to 5 attempts.",
  ],
  ["max_attempts: 3", "max_attempts: 4", "it is tried up to 4 times after UNAVAILABLE"],
  [", retry: {max_attempts: 3}", "", "When a call fails, it is sent once. Before: it is tried up to 3 times"],
  ['raises: ["SOLD_OUT"]', 'raises: ["SOLD_OUT", "BUSY"]', "It can fail with BUSY (UNAVAILABLE) too: “Too busy”."],
  ['raises: ["SOLD_OUT"]', "raises: []", "It no longer fails with SOLD_OUT."],
  ["status: UNAVAILABLE", "status: ABORTED", "BUSY has the status ABORTED instead of UNAVAILABLE."],
  ["Too busy", "Far too busy", "BUSY says “Far too busy” instead of “Too busy”."],
  ['metadata: ["item"]', 'metadata: ["item", "left"]', "SOLD_OUT also carries left."],
  ['"Too busy"', '"Too busy", retry_after: "2s"', "BUSY says to try again after 2 s."],
  ['"Too busy"', '"Too busy", resend: RESEND_NEVER', "After BUSY a call is never sent again."],
  [
    'call: {timeout: "5s"}',
    'call: {timeout: "5s", max_request_bytes: 65536}',
    "A request may have 64 KiB. Before: 4 MiB.",
  ],
  [
    'call: {timeout: "5s"}',
    'call: {timeout: "5s", wait_for_ready: true}',
    "While there is no connection, a call waits for one.",
  ],
  [
    'raises: ["BUSY"]}',
    'raises: ["BUSY"], auth: {requirement: AUTH_REQUIREMENT_REQUIRED, scopes: ["look"]}}',
    "Callers have to say who they are. Before: anybody may call.",
  ],
  [
    'cache: {max_age: "1m"}',
    'cache: {max_age: "2m", shared: true}',
    "Answers to calls by GET are kept by any cache, for 2 min. Before: by each caller's own cache, for 60 s.",
  ],
  [
    'cache: {max_age: "1m"}',
    "",
    "Answers to calls by GET are kept by nobody. Before: by each caller's own cache, for 60 s.",
  ],
  [
    "option idempotency_level = IDEMPOTENT;",
    "option idempotency_level = NO_SIDE_EFFECTS;",
    "It only reads. Before: a repetition changes nothing.",
  ],
  [
    "  rpc Buy(BuyRequest) returns (BuyResponse) {",
    "  rpc Buy(BuyRequest) returns (BuyResponse) {\n    option deprecated = true;",
    "It is deprecated",
  ],
  [
    "mask: MASK_HASH",
    "mask: MASK_LAST4",
    "The log shows the request's card by its last 4 characters. Before: by its hash.",
  ],
  [
    'log: [{path: "card", mask: MASK_HASH}]',
    'log: [{path: "name"}]',
    "The log shows the request's name as it is, as name.",
  ],
  ['log: [{path: "card", mask: MASK_HASH}]', "", "The log no longer shows the request's card."],
  [
    "service ShopService {",
    "service OtherService {\n  rpc Look(BuyRequest) returns (BuyResponse);\n}\nservice ShopService {",
    "The service is new, with Look.",
  ],
  [
    "  // Looks around.",
    "  // Peeks.\n  rpc Peek(BuyRequest) returns (BuyResponse);\n  // Looks around.",
    "The method is new: Peeks.",
  ],
  ["rpc Browse", "rpc LookAround", "The method Browse is gone."],
];

describe("accord diff", () => {
  it.each(CHANGES)("%s → %s", async (from, to, sentence) => {
    const { code, stdout, stderr } = await diff([[from, to]]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(sentence);
  });

  it("says that nothing changes", async () => {
    expect(await diff([])).toMatchObject({ code: 0, stdout: "Nothing changes for callers.\n" });
    expect((await diff([], "--format=markdown")).stdout).toBe("**The contract:** nothing changes for callers.\n");
  });

  it("puts first what breaks, and ends well: only breaking fails a build", async () => {
    const { code, stdout } = await diff([['timeout: "10s"', 'timeout: "8s"']]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Breaks callers, or their builds\n {2}✗ Buy had 10s and has 8s\. \(TIMEOUT_LOWERED\)\n\nShopService\.Buy\n/,
    );
  });

  it("writes a comment for a pull request", async () => {
    const { stdout } = await diff(
      [
        ['raises: ["BUSY"]', 'raises: ["BUSY", "SOLD_OUT"]'],
        ["is *sold* out", "was *sold*\\n# <b>out</b>"],
      ],
      "--format",
      "markdown",
    );
    expect(stdout).toBe(
      `## What changes for callers

### Breaks callers, or their builds

- ⚠️ Browse now raises SOLD\\_OUT too. (RAISE\\_ADDED)

### Errors of shop.v1

- \`SOLD_OUT\` says “{item} was \\*sold\\*\\u000a\\# \\<b\\>out\\</b\\>” instead of “{item} is \\*sold\\* out”.

### ShopService.Browse

- It can fail with \`SOLD_OUT\` (FAILED\\_PRECONDITION) too: “{item} was \\*sold\\*\\u000a\\# \\<b\\>out\\</b\\>”.
`.replaceAll("\\u000a", "\\\\u000a"),
    );
  });

  it("prints JSON", async () => {
    const { stdout } = await diff([["Too busy", "Busy"]], "--format=json");
    expect(JSON.parse(stdout)).toEqual({
      breaking: [],
      sections: [
        {
          title: "Errors of shop.v1",
          entries: [{ effect: "differs", text: "`BUSY` says “Busy” instead of “Too busy”." }],
        },
      ],
    });
  });

  it.each([
    [["diff"], "Compare with what?"],
    [["diff", "-", "--against", "-"], "Only one of the two versions"],
    [["diff", "--against", "x", "--format=html"], '--format takes text, markdown, json: "html" is none of them.'],
  ])("says what it needs: %s", async (argv, text) => {
    const { code, stderr } = await accord(argv, { cwd: project.path });
    expect(code).toBe(2);
    expect(stderr).toContain(text);
  });
});

describe("--error-format", () => {
  it("annotates lines of a pull request", async () => {
    project.put("protos/shop/v1/shop.proto", PROTO.replace('timeout: "10s"', 'timeout: "8s"'));
    project.build("new.binpb");
    const argv = ["breaking", "new.binpb", "--against", "old.binpb", "--error-format=github-actions"];
    const { code, stdout } = await accord(argv, { cwd: project.path });
    expect(code).toBe(1);
    expect(stdout).toBe(
      "::error file=shop/v1/shop.proto,line=11,col=7,title=TIMEOUT_LOWERED::Buy had 10s and has 8s.\n",
    );
  });

  it("is none that there isn't", async () => {
    const { code, stderr } = await accord(["lint", "--error-format=xml"], { cwd: project.path });
    expect(code).toBe(2);
    expect(stderr).toContain('--error-format takes text, json, github-actions: "xml" is none of them.');
  });
});

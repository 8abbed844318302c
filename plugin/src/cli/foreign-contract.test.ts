import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accord, ProtoFolder } from "./cli.fixture.js";

// Protos of somebody else's, as a module beside the user's own: a dependency, when that is built by itself.
const THEIRS = `syntax = "proto3";
package kv.v1;
service KV {
  rpc Range(RangeRequest) returns (RangeResponse);
  rpc Put(RangeRequest) returns (RangeResponse);
}
message RangeRequest { string key = 1; }
message RangeResponse { string value = 1; }
`;

const CONTRACT = `syntax = "proto3";
package shop.contracts.v1;
import "accord/v1/options.proto";
import "kv/v1/kv.proto";
message KVContract {
  option (accord.v1.annotate) = {
    element: "kv.v1.KV"
    service: { defaults: {timeout: "5s"} }
  };
  option (accord.v1.annotate) = {
    element: "kv.v1.KV.Range"
    method: { call: {timeout: "3s"} log: [{path: "key"}] }
  };
}
`;

let shop: ProtoFolder;
beforeAll(() => {
  shop = new ProtoFolder({
    "buf.yaml": "version: v2\nmodules:\n  - path: protos\n  - path: theirs\n  - path: accord\n",
    "theirs/kv/v1/kv.proto": THEIRS,
    "protos/shop/contracts/v1/kv.proto": CONTRACT,
  }).installBuf();
});
afterAll(() => shop.remove());

const run = (...argv: string[]) => accord(argv, { cwd: shop.path });

describe.each(["protos", "."])("a contract for somebody else's protos, read from %s", (input) => {
  it("is linted, at its own place", async () => {
    expect(await run("lint", input)).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "1 service checked: no problems.\n",
    });
    shop.put("protos/shop/contracts/v1/kv.proto", CONTRACT.replace('path: "key"', 'path: "kye"'));
    const { code, stdout } = await run("lint", input);
    shop.put("protos/shop/contracts/v1/kv.proto", CONTRACT);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^protos\/shop\/contracts\/v1\/kv\.proto:12:44: error LOG_PATH_UNKNOWN: /);
  });

  it("is explained", async () => {
    const { code, stdout } = await run("explain", "KV.Range", "--input", input);
    expect(code).toBe(0);
    expect(stdout).toMatch(/deadline +3 ?s/);
  });

  it("is compared, and what breaks is told at its own place", async () => {
    const before = new ProtoFolder({
      "buf.yaml": shop.read("buf.yaml"),
      "theirs/kv/v1/kv.proto": THEIRS,
      "protos/shop/contracts/v1/kv.proto": CONTRACT.replace('"3s"', '"4s"'),
    });
    const { code, stdout } = await run("breaking", input, "--against", `${before.path}/${input}`);
    before.remove();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^protos\/shop\/contracts\/v1\/kv\.proto:12:5: error TIMEOUT_LOWERED: /);
  });
});

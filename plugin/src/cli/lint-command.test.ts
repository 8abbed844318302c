import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accord, LEDGER_REQUEST, ProtoFolder } from "./cli.fixture.js";

const PROTO = (method: string) => `syntax = "proto3";
package shop.v1;
import "accord/v1/options.proto";
service ShopService {
  option (accord.v1.service).defaults = {timeout: "5s"};
  rpc Buy(Request) returns (Request) {
    ${method}
  }
}
message Request {}
`;

let shop: ProtoFolder;
beforeAll(() => {
  shop = new ProtoFolder({
    "protos/shop/v1/shop.proto": PROTO('option (accord.v1.method).call = {timeout: "5 bananas", max_timeout: "soon"};'),
  }).installBuf();
});
afterAll(() => shop.remove());

describe("accord lint", () => {
  it("is content with a good contract", async () => {
    expect(await accord(["lint", LEDGER_REQUEST])).toEqual({
      code: 0,
      stdout: "",
      stderr: "1 service checked: no problems.\n",
    });
  });

  it("reads standard input", async () => {
    const stdin = readFileSync(LEDGER_REQUEST);
    expect((await accord(["lint", "-"], { stdin })).stderr).toBe("1 service checked: no problems.\n");
    expect((await accord(["lint", "-"])).stderr).toContain("that is the terminal");
    expect((await accord(["lint", "-"], { stdin: new Uint8Array() })).stderr).toContain("standard input is empty");
  });

  it("prints each problem at its place, as a path that can be opened, and fails", async () => {
    const { code, stdout, stderr } = await accord(["lint"], { cwd: shop.path });
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^protos\/shop\/v1\/shop\.proto:7:39: error DURATION_SYNTAX: .*5 bananas/);
    expect(lines[1]).toMatch(/^protos\/shop\/v1\/shop\.proto:7:61: error DURATION_SYNTAX: .*soon/);
    expect(stderr).toBe("1 service checked: 2 errors, 0 warnings.\n");
    expect(code).toBe(1);
  });

  it("prints the same as JSON", async () => {
    const { code, stdout, stderr } = await accord(["lint", "--json", "protos"], { cwd: shop.path });
    expect(JSON.parse(stdout)).toMatchObject({
      errors: 2,
      warnings: 0,
      diagnostics: [
        { path: "protos/shop/v1/shop.proto", line: 7, column: 39, severity: "error", rule: "DURATION_SYNTAX" },
        { line: 7, column: 61 },
      ],
    });
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  });

  it("colours where it is asked to", async () => {
    const argv = ["lint", "protos", "--color"];
    expect((await accord(argv, { cwd: shop.path })).stdout).toContain("\u001b[31merror\u001b[39m");
    expect((await accord([...argv, "--no-color"], { cwd: shop.path })).stdout).not.toContain("\u001b");
  });

  it("counts warnings, and fails on too many", async () => {
    const folder = new ProtoFolder({
      "protos/shop/v1/shop.proto": PROTO("").replace('{timeout: "5s"}', "{no_resend: true}"),
    }).installBuf();
    try {
      const lint = (...argv: string[]) => accord(["lint", "protos", ...argv], { cwd: folder.path });
      const { code, stdout, stderr } = await lint();
      expect(stdout).toMatch(/^protos\/shop\/v1\/shop\.proto:\d+:\d+: warning TIMEOUT_MISSING: /);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "1 service checked: 0 errors, 1 warning.\n" });
      expect(await lint("--max-warnings", "1")).toMatchObject({ code: 0 });
      expect(await lint("--max-warnings", "0")).toMatchObject({
        code: 1,
        stderr: "1 service checked: 0 errors, 1 warning (at most 0 allowed).\n",
      });
      expect(await lint("--json", "--max-warnings=0")).toMatchObject({ code: 1 });
    } finally {
      folder.remove();
    }
  });

  it("takes only numbers of warnings", async () => {
    expect(await accord(["lint", "--max-warnings", "few"])).toMatchObject({
      code: 2,
      stderr: 'accord: --max-warnings takes a number, 0 or more: "few" isn\'t one.\n',
    });
  });
});

describe("an input", () => {
  it("that isn't there", async () => {
    expect(await accord(["lint", "nope"], { cwd: shop.path })).toEqual({
      code: 2,
      stdout: "",
      stderr: `accord: There is no nope in ${shop.path}.\n`,
    });
  });

  it("that doesn't compile: with what buf said", async () => {
    const folder = new ProtoFolder({
      "protos/a.proto": 'syntax = "proto3";\nmessage A { Nope x = 1; }\n',
    }).installBuf();
    try {
      const { code, stderr } = await accord(["lint"], { cwd: folder.path });
      expect(code).toBe(2);
      expect(stderr).toMatch(/^accord: buf build failed:\nprotos\/a\.proto:2:13:.*Nope/);
    } finally {
      folder.remove();
    }
  });

  it("that doesn't know the contract language: with what to do", async () => {
    const folder = new ProtoFolder({
      "buf.yaml": "version: v2\nmodules:\n  - path: protos\n",
      "protos/a.proto": PROTO(""),
    });
    try {
      const { code, stderr } = await accord(["lint"], { cwd: folder.installBuf().path });
      expect(code).toBe(2);
      expect(stderr).toContain("`accord init` writes it among your");
    } finally {
      folder.remove();
    }
  });

  it("without services", async () => {
    const folder = new ProtoFolder({ "protos/a.proto": 'syntax = "proto3";\nmessage A {}\n' }).installBuf();
    try {
      expect(await accord(["lint"], { cwd: folder.path })).toMatchObject({
        code: 2,
        stderr: "accord: The current folder has no services in it, so there is no contract to read.\n",
      });
      expect((await accord(["lint", "protos/a.proto"], { cwd: folder.path })).stderr).toContain(
        "protos/a.proto has no services in it",
      );
    } finally {
      folder.remove();
    }
  });

  it("for which there is no buf", async () => {
    const folder = new ProtoFolder({ "protos/a.proto": "" });
    try {
      const { code, stderr } = await accord(["lint"], { cwd: folder.path, env: { PATH: folder.path } });
      expect(code).toBe(2);
      expect(stderr).toContain("buf is needed to compile protos, and it is neither in node_modules nor on the PATH.");
    } finally {
      folder.remove();
    }
  });
});

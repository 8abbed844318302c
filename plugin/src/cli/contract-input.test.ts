import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LEDGER_REQUEST, ProtoFolder, ROOT } from "./cli.fixture.js";
import { readContractInput } from "./contract-input.js";

const SHOP =
  'syntax = "proto3";\npackage shop.v1;\nservice ShopService { rpc Buy(Item) returns (Item); }\nmessage Item {}\n';

let project: ProtoFolder;
beforeAll(() => {
  project = new ProtoFolder({
    "protos/shop/v1/shop.proto": SHOP,
    "protos/other/v1/other.proto": SHOP.replaceAll("shop", "other"),
  }).installBuf();
  project.put("image.binpb", readFileSync(LEDGER_REQUEST));
});
afterAll(() => project.remove());

function read(input: string, env: Readonly<Record<string, string>> = {}) {
  const output = { write: () => undefined, isTerminal: false, columns: undefined };
  return readContractInput(input, {
    cwd: project.path,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    readStdin: async () => new Uint8Array(),
    stdinIsTerminal: true,
    untilStopped: () => new Promise(() => {}),
    stdout: output,
    stderr: output,
  });
}

describe("the input of a command", () => {
  it("is a folder that buf builds: its files are the user's, what they import isn't", async () => {
    const { toGenerate, localPaths, origin } = await read("protos");
    expect(origin).toBe("protos");
    expect([...toGenerate].sort()).toEqual(["other/v1/other.proto", "shop/v1/shop.proto"]);
    expect((await localPaths()).get("shop/v1/shop.proto")).toBe("protos/shop/v1/shop.proto");
  });

  it("is one proto file", async () => {
    expect([...(await read("protos/shop/v1/shop.proto")).toGenerate]).toEqual(["shop/v1/shop.proto"]);
  });

  it("is a binary file, without buf", async () => {
    const { toGenerate, localPaths } = await read("image.binpb", { PATH: project.path });
    expect([...toGenerate]).toContain("ledger/v1/ledger.proto");
    expect((await localPaths()).size).toBe(0);
    expect((await read(LEDGER_REQUEST)).toGenerate.size).toBe(2);
  });

  it("is an image as text, which buf reads", async () => {
    spawnSync(process.execPath, [`${ROOT}/node_modules/@bufbuild/buf/bin/buf`, "build", "protos", "-o", "image.json"], {
      cwd: project.path,
    });
    expect((await read("image.json")).toGenerate.size).toBe(2);
  });

  it.each(["nope", "nope.binpb", "protos/nope", "buf"])("isn't what isn't there: %s", async (input) => {
    await expect(read(input)).rejects.toThrow(`There is no ${input} in ${project.path}.`);
  });

  it.each([
    "buf.example.invalid/owner/name",
    ".git#branch=nope",
    "https://example.invalid/repo.git",
    "x.tar#format=tar",
  ])("may be elsewhere, which buf knows: %s", async (input) => {
    // No network and no such things here: what counts is that buf was asked.
    await expect(read(input, { HTTPS_PROXY: "http://127.0.0.1:9", BUF_TOKEN: "" })).rejects.toThrow(
      "buf build failed:",
    );
  });
});

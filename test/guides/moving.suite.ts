import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../free-port.js";
import { type GuideProject, guideProject } from "./guide-project.js";

// The guides for moving over, and docs/side-by-side.md: old servers and clients run, and new ones in their place.

let project: GuideProject;
const running: ChildProcess[] = [];

beforeAll(async () => {
  const guides = [
    "moving-from-nice-grpc.md",
    "moving-from-proto-loader.md",
    "moving-from-nestjs.md",
    "side-by-side.md",
  ];
  const packages = [
    ...["nice-grpc@2", "ts-proto@2", "@grpc/proto-loader@0.8", "@grpc/grpc-js-xds@1"],
    ...["@nestjs/common@11", "@nestjs/core@11", "@nestjs/microservices@11", "reflect-metadata@0.2", "rxjs@7"],
  ];
  project = await guideProject(guides, packages, {
    generate: ["buf.gen.old.yaml"],
    compilerOptions: { experimentalDecorators: true },
  });
  await writeFile(join(project.path, "dist/start.mjs"), START);
});
afterEach(async () => {
  for (const child of running.splice(0)) {
    child.kill("SIGKILL");
  }
});
afterAll(() => project?.remove());

/** xDS' server isn't made without the address of a control plane. Nobody is there. */
const NO_CONTROL_PLANE = JSON.stringify({
  node: { id: "guide", locality: {} },
  server_listener_resource_name_template: "%s",
  xds_servers: [{ server_uri: "127.0.0.1:1", channel_creds: [{ type: "insecure" }], server_features: ["xds_v3"] }],
});

/** Starts one of the guides' functions that return a server. */
const START = `
const [, , module, name, address] = process.argv;
const made = await (await import("./" + module + ".js"))[name](address);
if (name === "xdsServer") {
  const { ServerCredentials } = await import("@grpc/grpc-js");
  const { createServer } = await import("node:net");
  const injector = made.createConnectionInjector(ServerCredentials.createInsecure());
  const [host, port] = address.split(":");
  createServer((socket) => injector.injectConnection(socket)).listen(Number(port), host, () => console.log("listening"));
} else {
  await made.start?.(address);
  console.log("listening");
}
`;

async function start(program: readonly string[], address: string): Promise<void> {
  const env = { ...process.env, ADDRESS: address, GRPC_XDS_BOOTSTRAP_CONFIG: NO_CONTROL_PLANE };
  const child = spawn(process.execPath, [`dist/${program[0]}`, ...program.slice(1)], { cwd: project.path, env });
  running.push(child);
  let output = "";
  const listening = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text) => {
        output += String(text);
        if (/listening|server\.started/.test(output)) {
          resolve();
        }
      });
    }
  });
  const ended = once(child, "close").then(() => {
    throw new Error(`${program.join(" ")} ended: ${output}`);
  });
  ended.catch(() => {});
  await Promise.race([listening, ended]);
}

const CLIENTS = {
  "nice-grpc": [
    "before/client.js",
    ['"sku":"tea","state":1,"count":3', "2 left, state 1", "0 left, state 2", "status 5: Nobody sells moon"],
  ],
  "grpc-js": [
    "loader/client.js",
    [
      '"state":"ITEM_STATE_ON_SALE"',
      "2 left, ITEM_STATE_ON_SALE",
      "0 left, ITEM_STATE_SOLD_OUT",
      "status 5: Nobody sells moon",
    ],
  ],
  accord: [
    "after/client.js",
    ["3n 2026-05-01T00:00:00.000Z", "2 left, state 1", "0 left, state 2", "NOT_FOUND: Nobody sells moon"],
  ],
} as const;

const SERVERS = {
  "nice-grpc's": ["before/server.js"],
  "grpc-js's with proto-loader": ["loader/server.js"],
  "NestJS's": ["nest/server.js"],
  "the servicer's": ["after/server.js"],
  "old handlers' on Accord": ["loader/on-accord.js"],
  "the servicer's in Nest": ["nest/on-accord.js"],
} as const;

describe.each(Object.entries(SERVERS))("the server is %s", (_name, program) => {
  test("all clients are told the same", async () => {
    const address = `127.0.0.1:${await freePort()}`;
    // Nest's application says nothing when its module has started.
    await start(program, address);
    for (const [client, said] of Object.values(CLIENTS)) {
      const output = await project.run("node", [`dist/${client}`], { TARGET: address });
      for (const line of said) {
        expect(output).toContain(line);
      }
    }
  });
});

describe.each([
  ["several packages on one server", "together", "together"],
  ["an old service beside a generated one", "with-old-service", "withOldService"],
  ["NestJS's gRPC transport", "in-nest", "startNest"],
  ["xDS' server", "on-xds", "xdsServer"],
])("%s", (_name, module, name) => {
  test("serves the stock service", async () => {
    const address = `127.0.0.1:${await freePort()}`;
    await start(["start.mjs", module, name, address], address);
    const output = await project.run("node", ["dist/loader/client.js"], { TARGET: address });
    expect(output).toContain('"state":"ITEM_STATE_ON_SALE"');
    expect(output).toContain("0 left, ITEM_STATE_SOLD_OUT");
    expect(output).toContain("status 5: Nobody sells moon");
    if (name !== "xdsServer") {
      const greeted = await project.run("node", ["dist/client.js"], { TARGET: address });
      expect(greeted).toContain("Good morning, Ada.");
    }
  });
});

test("the server warns of each method that lets statuses through", async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const env = { ...process.env, ADDRESS: address };
  const child = spawn(process.execPath, ["dist/after/server.js"], { cwd: project.path, env });
  running.push(child);
  let output = "";
  child.stdout.on("data", (text) => {
    output += String(text);
  });
  await expect.poll(() => output.match(/server\.pass_through/g)?.length, { timeout: 30_000 }).toBe(2);
  expect(output).toContain('"statuses":["NOT_FOUND"]');
});

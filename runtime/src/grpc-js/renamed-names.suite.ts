import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildContext, context, type Plugin } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bindProbe } from "../../test-support/probe-service.js";
import { startTestServer, type TestServer } from "../testing/index.js";
import { EXPERIMENTAL_NAMES, PRIVATE_NAMES, type PrivateName, SEAM } from "./private-names.js";

// Each name that grpc-js doesn't promise is called otherwise in a copy of it, throughout: whoever opens a channel must hear of it.

type Caller = typeof import("../../test-support/renamed-caller.js");
type Rename = readonly [file: RegExp, name: RegExp, instead: string];

const EVERYWHERE = /\.js$/;
const word = (name: string): Rename => [EVERYWHERE, new RegExp(`(?<![\\w-])${name}\\b`, "g"), `${name}Renamed`];
const within = (file: string, name: RegExp, instead: string): Rename => [new RegExp(`^${file}\\.js$`), name, instead];

const RENAMES: Readonly<Record<keyof typeof PRIVATE_NAMES, readonly Rename[]>> = {
  isSecure: [word("_isSecure")],
  internalChannel: [word("internalChannel")],
  channelCredentials: [within("internal-channel", /\bthis\.credentials\b/g, "this.renamed")],
  createRetryingCall: [word("createRetryingCall")],
  underlyingCalls: [word("underlyingCalls")],
  attemptCall: [
    within("retrying-call", /\.call(?=\.(?:get|send|half|start|cancel))/g, ".renamed"),
    within("retrying-call", /\bcall: child\b/g, "renamed: child"),
    within("retrying-call", /\{ call \} of/g, "{ renamed: call } of"),
  ],
  attempts: [within("retrying-call", /\bthis\.attempts\b/g, "this.renamed")],
  handleChildStatus: [word("handleChildStatus")],
  progress: [[EVERYWHERE, /'NOT_STARTED'/g, "'NOT_BEGUN'"]],
  attemptChild: [within("load-balancing-call", /\bthis\.child\b/g, "this.renamed")],
  callTransport: [within("subchannel-call", /\bthis\.transport\b/g, "this.renamed")],
  createCall: [
    within("subchannel", /\bcreateCall\b/g, "renamed"),
    within("transport", /\bcreateCall\b/g, "renamed"),
    within("load-balancing-call", /\bcreateCall\b/g, "renamed"),
  ],
  decoder: [word("decoder")],
  readState: [word("readState")],
  http2Stream: [word("http2Stream")],
  cancelWithStatus: [
    within("subchannel-call", /\bcancelWithStatus\b/g, "renamed"),
    within("load-balancing-call", /\b_a\.cancelWithStatus\b/g, "_a.renamed"),
  ],
  sendMessageWithContext: [
    within("subchannel-call", /\bsendMessageWithContext\b/g, "renamed"),
    within("load-balancing-call", /\bchild\.sendMessageWithContext\b/g, "child.renamed"),
  ],
  getStatus: [within("subchannel-call", /\bgetStatus\b/g, "renamed")],
  connectionDropped: [word("connectionDropped")],
  transport: [within("subchannel", /\bthis\.transport\b/g, "this.renamed")],
  session: [within("transport", /\bthis\.session\b/g, "this.renamed")],
  activeCalls: [word("activeCalls")],
  setHealthy: [word("setHealthy")],
  destroy: [within("subchannel-interface", /(?<!watcher\.)\bdestroy\b/g, "renamed")],
  // Node's: the name that is looked for changes instead.
  connectionOptions: [within("channel-credentials", /\b(?:this|self)\.connectionOptions\b/g, "this.renamed")],
  connectorParent: [within("channel-credentials", /\bgetLatestSecureContext\b/g, "renamed")],
  sessionHandle: [[/^private-names\.ts$/, /"kHandle"/g, '"kRenamed"']],
  sessionSocket: [[/^private-names\.ts$/, /"socket"/g, '"renamed"']],
  connector: [word("connector")],
  connect: [
    within("transport", /\bconnect\((?=address, secure)/g, "renamed("),
    within("subchannel", /\.connect\(/g, ".renamed("),
  ],
};

const BUILT = fileURLToPath(new URL("../../../node_modules/.cache/accord-renamed-names", import.meta.url));
const CALLER = fileURLToPath(new URL("../../test-support/renamed-caller.ts", import.meta.url));

let renames: readonly Rename[] = [];
let changed = 0;
let bundler: BuildContext<{ write: false }>;
let server: TestServer;

const RENAMING: Plugin = {
  name: "renames",
  setup({ onLoad }) {
    onLoad({ filter: /(?:grpc-js\/build\/src\/[\w-]+\.js|private-names\.ts)$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      const file = basename(path);
      const contents = renames
        .filter(([of]) => of.test(file))
        .reduce((text, [, name, instead]) => text.replace(name, instead), source);
      changed += contents === source ? 0 : 1;
      return { contents, loader: path.endsWith(".ts") ? "ts" : "js" };
    });
  },
};

beforeAll(async () => {
  rmSync(BUILT, { recursive: true, force: true });
  mkdirSync(BUILT, { recursive: true });
  bundler = await context({
    entryPoints: [CALLER],
    write: false,
    bundle: true,
    platform: "node",
    conditions: ["@accord-grpc/source"],
    format: "cjs",
    external: ["@bufbuild/*", "@opentelemetry/*", "@grpc/proto-loader"],
    logLevel: "error",
    plugins: [RENAMING],
  });
  server = await startTestServer([bindProbe({ unary: () => ({}) })]);
});
afterAll(async () => {
  await bundler.dispose();
  await server.close();
  rmSync(BUILT, { recursive: true, force: true });
});

/** The runtime with a grpc-js of which something is renamed. */
async function callerWith(name: string, given: readonly Rename[]): Promise<Caller> {
  renames = given;
  changed = 0;
  const { outputFiles } = await bundler.rebuild();
  expect(changed > 0).toBe(given.length > 0);
  const path = join(BUILT, `${name}.cjs`);
  writeFileSync(path, outputFiles[0]?.contents ?? "");
  return createRequire(path)(path);
}

/** Opens a channel, makes a call, and gives the warnings. */
async function warningsOf(caller: Caller, allowUnknownGrpcJs = false): Promise<readonly Record<string, unknown>[]> {
  const warnings: Record<string, unknown>[] = [];
  const logger = {
    debug() {},
    info() {},
    warn: (fields: object, event: string) => void warnings.push({ ...fields, event }),
    error() {},
  };
  const channel = caller.insecureChannel(server.address, {}, { logger, allowUnknownGrpcJs });
  try {
    await caller.probeClient(channel).unary({});
    const foreign = caller.foreignChannel(server.address);
    // Its credentials may go to this machine, whether or not it is known to be encrypted.
    await caller.probeClient(foreign, { credentials: caller.callCredentials() }).unary({});
    foreign.close();
  } finally {
    channel.close();
  }
  return warnings.filter(({ event }) => event === "channel.unknown_grpc_js");
}

const lossOf = ({ uses }: PrivateName) => uses.map((use) => SEAM[use].loss);
const names = Object.entries(PRIVATE_NAMES) as [keyof typeof PRIVATE_NAMES, PrivateName][];

it("grpc-js as it is has all that the runtime relies on", async () => {
  expect(await warningsOf(await callerWith("none", []))).toEqual([]);
});

describe("without what answers are checked by, no channel is opened", () => {
  const checking = names.filter(([, name]) => lossOf(name).includes("integrity"));

  it.each(checking.map(([key, { name }]) => [name, key] as const))("%s", async (name, key) => {
    const caller = await callerWith(key, RENAMES[key]);
    expect(() => caller.insecureChannel(server.address)).toThrow(
      `the installed @grpc/grpc-js isn't one that @accord-grpc/runtime knows: it has no ${name}`,
    );
    const [warning, ...others] = await warningsOf(caller, true);
    expect(warning).toMatchObject({ missing: expect.arrayContaining([name]) });
    expect(others).toEqual([]);
  });

  it.each(EXPERIMENTAL_NAMES)("experimental.%s", async (name) => {
    const rename = within("experimental", new RegExp(`(?<=exports, )"${name}"`, "g"), '"renamed"');
    const opened = callerWith(name, [rename]).then((caller) =>
      caller.insecureChannel(server.address, {}, { allowUnknownGrpcJs: true }),
    );
    // What grpc-js calls itself, or others extend, is missed when it is loaded.
    await expect(opened).rejects.toThrow(name === "BaseSubchannelWrapper" ? "Class extends value" : name);
  });
});

describe("without what makes things better, one line says what is worse", () => {
  const others = names.filter(([, name]) => !lossOf(name).includes("integrity"));

  it.each(others.map(([key, { name, uses }]) => [name, key, uses] as const))("%s", async (name, key, uses) => {
    const caller = await callerWith(key, RENAMES[key]);
    const [warning, ...more] = await warningsOf(caller);
    expect(warning).toMatchObject({
      missing: expect.arrayContaining([name]),
      lost: expect.arrayContaining(uses.map((use) => SEAM[use].lost)),
    });
    expect(more).toEqual([]);
  });
});

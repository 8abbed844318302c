import { ChannelCredentials, Server } from "@grpc/grpc-js";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { oddValues } from "../../test-support/hostile-values.js";
import { bindProbe, PROBE_ERROR_MAP } from "../../test-support/probe-service.js";
import { buildChannel, type Channel, type ChannelInit } from "../channel/channel.js";
import { CHANNEL_RULES } from "../channel/channel-option-rules.js";
import { type TlsServerInit, tlsChannelCredentials, tlsServerCredentials } from "../channel/tls-credentials.js";
import { TLS_CHANNEL_RULES, TLS_SERVER_RULES } from "../channel/tls-option-rules.js";
import { BEARER_TOKEN_RULES, type BearerTokenOptions, bearerToken } from "../client/bearer-token.js";
import { bindClient } from "../client/bind-client.js";
import { CLIENT_RULES } from "../client/client-option-rules.js";
import { WATCH_LOAD_RULES, type WatchLoadOptions, watchLoad } from "../client/watch-load.js";
import { inProcessChannel } from "../in-process/in-process-channel.js";
import { addTo } from "../server/grpc-js/add-to.js";
import { createServer, type ServerOptions } from "../server/server.js";
import { ServerMetricRecorder } from "../server/server-metrics.js";
import { SERVER_RULES } from "../server/server-option-checks.js";
import { startTestServer, type TestServerOptions } from "../testing/test-server.js";

const open: Channel[] = [];

afterEach(() => {
  for (const channel of open.splice(0)) {
    channel.close();
  }
});

/** What each kind of option takes of the values below; of anything else it says that it can't be. */
const KINDS = {
  time: [0, 1, 2.5],
  "positive time": [1, 2.5],
  "positive time or Infinity": [1, 2.5, Number.POSITIVE_INFINITY],
  "time or Infinity": [0, 1, 2.5, Number.POSITIVE_INFINITY],
  count: [0, 1],
  "positive count": [1],
  "large count": [],
  "count or Infinity": [0, 1, Number.POSITIVE_INFINITY],
  flag: [true, false],
  word: [],
  text: ["5", "", "ten"],
} as const;

type Kind = keyof typeof KINDS;

const VALUES: readonly unknown[] = [
  ...[Number.NaN, -1, -5, -0.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2.5, 2 ** 60, 0, 1],
  ...["5", "", "ten", null, true, false, 1n, Symbol("s"), {}, [], [1], () => {}, new Date(), Promise.resolve(1)],
];

/** Options whose values are numbers, words or flags. Those that are functions and objects come below. */
const SERVER: Partial<Record<keyof ServerOptions, Kind>> = {
  payloadLimit: "count or Infinity",
  authTimeoutMs: "positive time or Infinity",
  handleSignals: "flag",
  drainMs: "time",
  maxRequestBytes: "count",
  maxResponseBytes: "count",
  maxResponseMetadataBytes: "large count",
  maxBufferedRequestBytes: "positive count",
  requestTimeoutMs: "positive time or Infinity",
  maxConcurrentCalls: "count or Infinity",
  maxConcurrentStreams: "positive count",
  maxConnectionAgeMs: "positive time or Infinity",
  maxConnectionAgeGraceMs: "time or Infinity",
  maxConnectionIdleMs: "positive time or Infinity",
  keepaliveTimeMs: "positive time or Infinity",
  keepaliveTimeoutMs: "positive time",
  minPingIntervalMs: "time",
  reflection: "flag",
  healthRole: "word",
};

const CHANNEL: Partial<Record<keyof ChannelInit, Kind>> = {
  dnsRefreshMs: "positive time or Infinity",
  connectTimeoutMs: "positive time or Infinity",
  plaintextCredentials: "flag",
};

const insecure = ChannelCredentials.createInsecure();

/** Everything that takes options: what it is called with, and what each option may be. */
const ENTRIES: Readonly<Record<string, { kinds: Readonly<Record<string, Kind>>; take: (options: object) => unknown }>> =
  {
    "a server": { kinds: SERVER, take: (options) => createServer([], options) },
    "a channel": {
      kinds: CHANNEL,
      take: (options) => open.push(buildChannel("localhost:1", {}, { credentials: insecure, ...options })),
    },
    "bearer tokens": {
      kinds: { refreshAheadMs: "time", authTimeoutMs: "positive time or Infinity" } satisfies Record<
        keyof BearerTokenOptions,
        Kind
      >,
      take: (options) => bearerToken("abc", options),
    },
    "the channel's certificates": {
      kinds: { refreshMs: "positive time or Infinity" },
      take: (options) => tlsChannelCredentials(options),
    },
    "a recorder of load": {
      kinds: { minReportIntervalMs: "positive time" },
      take: (options) => new ServerMetricRecorder(options),
    },
  };

const cases = Object.entries(ENTRIES).flatMap(([entry, { kinds, take }]) =>
  Object.entries(kinds).map(([name, kind]) => ({ entry, name, kind, take })),
);

describe("a number, a word or a flag", () => {
  it.each(cases)("$name of $entry is what it says, or is named", ({ name, kind, take }) => {
    const fine: readonly unknown[] = KINDS[kind];
    for (const value of [...VALUES, ...oddValues()]) {
      if (value === undefined || fine.includes(value)) {
        expect(() => take({ [name]: value })).not.toThrow();
      } else {
        expect(() => take({ [name]: value })).toThrow(
          expect.objectContaining({
            name: "TypeError",
            message: expect.stringMatching(new RegExp(`^Can't .*: ${name} must be .*; it is .`, "s")),
          }),
        );
      }
    }
  });
});

describe("anything else", () => {
  const rules = {
    createServer: [SERVER_RULES, (options: object) => createServer([], options)],
    addTo: [SERVER_RULES, (options: object) => addTo(new Server(), [], options)],
    inProcessChannel: [SERVER_RULES, (options: object) => inProcessChannel([], options)],
    buildChannel: [CHANNEL_RULES, (options: object) => buildChannel("localhost:1", {}, options as ChannelInit)],
    bindClient: [
      CLIENT_RULES,
      (options: object) => {
        const channel = buildChannel("localhost:1", {}, { credentials: insecure });
        open.push(channel);
        return bindClient(ProbeService, PROBE_ERROR_MAP, channel, options);
      },
    ],
    bearerToken: [BEARER_TOKEN_RULES, (options: object) => bearerToken("abc", options)],
    tlsServerCredentials: [TLS_SERVER_RULES, (options: object) => tlsServerCredentials(options as TlsServerInit)],
    tlsChannelCredentials: [TLS_CHANNEL_RULES, (options: object) => tlsChannelCredentials(options)],
  } as const;
  const entries = Object.entries(rules).map(([entry, [table, take]]) => ({ entry, table, take }));

  it.each(entries)("a value of the wrong type for $entry names its option", ({ table, take }) => {
    for (const name of Object.keys(table)) {
      // No option is a symbol, nor a big integer.
      for (const value of [Symbol("s"), 1n]) {
        expect(() => take({ [name]: value }), name).toThrow(name);
        expect(() => take({ [name]: value }), name).toThrow(TypeError);
      }
    }
  });

  it.each(entries)("a misspelt name for $entry brings the one that was meant", ({ table, take }) => {
    for (const name of Object.keys(table).filter((each) => each.length > 3)) {
      const misspelt = `${name.slice(0, -1)}${name.at(-1)?.toUpperCase()}${name.at(-1)}`;
      expect(() => take({ [misspelt]: 1 })).toThrow(`there is no option ${misspelt}: did you mean ${name}?`);
    }
    expect(() => take({ whatEverElse: 1 })).toThrow(`the options are ${Object.keys(table).join(", ")}`);
  });

  it.each(entries)("what isn't options at all is no options of $entry", ({ take }) => {
    for (const given of [null, 5, "x", [], () => {}]) {
      expect(() => take(given as unknown as object)).toThrow("the options must be an object, not ");
    }
  });

  it("a keepalive is one of three words, or times", () => {
    const take = (keepalive: unknown) =>
      buildChannel("localhost:1", {}, { credentials: insecure, keepalive } as ChannelInit);
    for (const keepalive of ["responsiv", 5, true, null, Symbol("s")]) {
      expect(() => take(keepalive)).toThrow(
        'keepalive must be "responsive", "conservative", "off", or { timeMs, timeoutMs }',
      );
    }
    expect(() => take({ timeMs: Number.NaN, timeoutMS: 5 })).toThrow(
      /keepalive\.timeMs must be .*keepalive\.timeoutMs must be .*did you mean keepalive\.timeoutMs\?/,
    );
    expect(() => take([])).toThrow("keepalive must be an object, not an array");
    open.push(take({ timeMs: 1000, timeoutMs: 500 }));
  });

  it("says all that is wrong at once", () => {
    const options = { drainMs: Number("no number"), maxRequestBytes: -1, drainMS: 5, tls: { cert: 1, ky: "x" } };
    expect(() => createServer([], options as unknown as ServerOptions)).toThrow(
      "Can't make the server: tls.cert must be the path of a file, a URL of one, or PEM itself; it is a number; " +
        "there is no option tls.ky: did you mean tls.key?; drainMs must be a number of milliseconds from 0 to 2147483647; " +
        "it is NaN (is its environment variable set?); maxRequestBytes must be a whole number of bytes from 0 to 4294967295; " +
        "it is -1; there is no option drainMS: did you mean drainMs?",
    );
  });

  it("shows no key, whatever was taken for one", () => {
    const secret = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
    for (const key of [{ pem: secret }, [secret], () => secret]) {
      expect(() => createServer([], { tls: { cert: "x", key } } as unknown as ServerOptions)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining(secret) }),
      );
    }
  });

  it("grpc-js's own options of a channel are looked at too", () => {
    const take = (extraOptions: object): unknown =>
      buildChannel("localhost:1", {}, { credentials: insecure, extraOptions });
    expect(() => take({ "grpc.max_receive_message_length": Number.NaN })).toThrow(
      "extraOptions.grpc.max_receive_message_length must be a whole number",
    );
    expect(() => take({ "grpc.keep_alive_time_ms": 1 })).toThrow("did you mean extraOptions.grpc.keepalive_time_ms?");
  });

  it("a test server's options are a server's, and a channel's", async () => {
    const start = (options: object): Promise<unknown> => startTestServer([], options as TestServerOptions);
    await expect(start({ drainMs: Number.NaN })).rejects.toThrow("Can't start the test server: drainMs must be");
    await expect(start({ channel: { dnsRefreshMs: -1 } })).rejects.toThrow("channel.dnsRefreshMs must be");
    await expect(start({ chanel: {} })).rejects.toThrow("did you mean channel?");
  });

  it("so are those of whoever watches a load", async () => {
    const channel = buildChannel("localhost:1", {}, { credentials: insecure });
    open.push(channel);
    for (const intervalMs of [Number.NaN, 0, -1, "5", undefined, Number.POSITIVE_INFINITY]) {
      const options = { intervalMs } as unknown as WatchLoadOptions;
      await expect(watchLoad(channel, options).next()).rejects.toThrow("intervalMs must be a positive number");
    }
    expect(Object.keys(WATCH_LOAD_RULES)).toContain("intervalMs");
  });

  it("no value whatever makes a server that then fails", () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(SERVER_RULES)), fc.double(), (name, value) => {
        try {
          createServer([bindProbe({})], { [name]: value });
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          expect(String(error)).toContain(name);
        }
      }),
    );
  });
});

import {
  CallCredentials,
  credentials,
  Channel as GrpcChannel,
  status as GrpcStatus,
  InterceptingCall,
  Metadata,
} from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { insecureChannel, probeClient } from "../../test-support/probe-client.js";
import { callOnce, KINDS, servicerOf } from "../../test-support/probe-kinds.js";
import { bindProbe } from "../../test-support/probe-service.js";
import { buildChannel } from "../channel/channel.js";
import { credentialsRefusal } from "../channel/channel-security.js";
import { startTestServer, type TestServer } from "../testing/index.js";
import { type AccessToken, bearerToken, credentialsRejected, type TokenProvider } from "./bearer-token.js";
import type { ClientOptions } from "./client-options.js";

/** What the credentials add to a call. */
async function sent(of: CallCredentials): Promise<unknown> {
  const metadata = await of.generateMetadata({ method_name: "Unary", service_url: "https://test" });
  return metadata.get("authorization")[0];
}

describe("the token", () => {
  let now: number;
  let provided: (AccessToken | string | Error)[];
  let asked: number;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: 0 });
    now = 0;
    provided = [];
    asked = 0;
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  const advance = (ms: number): void => {
    now += ms;
    vi.setSystemTime(now);
  };

  const provider: TokenProvider = async () => {
    asked += 1;
    const next = provided.shift() ?? new Error("nothing is left");
    if (next instanceof Error) {
      throw next;
    }
    return next;
  };

  const token = (name: string, validMs: number): AccessToken => ({
    token: name,
    expiresAt: new Date(Date.now() + validMs),
  });

  it("is sent as it is", async () => {
    expect(await sent(bearerToken("abc.DEF=="))).toBe("Bearer abc.DEF==");
  });

  it.each(["", "a b", "a\nb: c", "ä", "Bearer abc"])("is refused if it is %j", async (bad) => {
    expect(() => bearerToken(bad)).toThrow(TypeError);
    await expect(sent(bearerToken(() => bad))).rejects.toMatchObject({
      message: expect.stringMatching(/^no bearer token: the token is no bearer token/),
      code: GrpcStatus.UNAVAILABLE,
    });
  });

  it("is asked for each time if it doesn't say how long it is good", async () => {
    provided = ["one", "two"];
    const made = bearerToken(provider);
    expect([await sent(made), await sent(made)]).toEqual(["Bearer one", "Bearer two"]);
  });

  it("is fetched once for all calls that wait for it, and kept", async () => {
    provided = [token("one", 600_000)];
    const made = bearerToken(provider);
    expect(await Promise.all([sent(made), sent(made), sent(made)])).toEqual(Array(3).fill("Bearer one"));
    advance(500_000);
    expect(await sent(made)).toBe("Bearer one");
    expect(asked).toBe(1);
  });

  it("is replaced ahead of its end, and no call waits for that", async () => {
    provided = [token("one", 600_000)];
    const made = bearerToken(provider);
    await sent(made);
    advance(540_000);
    provided = [token("two", 600_000)];
    expect(await sent(made)).toBe("Bearer one");
    await expect.poll(() => sent(made)).toBe("Bearer two");
    expect(asked).toBe(2);
  });

  it("is used on while it is good if its replacement can't be had, and then no more", async () => {
    provided = [token("one", 600_000)];
    const made = bearerToken(provider);
    await sent(made);
    advance(599_000);
    expect(await sent(made)).toBe("Bearer one");
    await expect.poll(() => asked).toBe(2);
    advance(1_000);
    await expect(sent(made)).rejects.toMatchObject({ message: "no bearer token: nothing is left" });
    provided = [token("two", 600_000)];
    expect(await sent(made)).toBe("Bearer two");
  });

  it("that lives shortly is replaced at half of its time", async () => {
    provided = [token("one", 10_000)];
    const made = bearerToken(provider);
    await sent(made);
    advance(4_999);
    await sent(made);
    expect(asked).toBe(1);
    advance(1);
    await sent(made);
    expect(asked).toBe(2);
  });

  it("isn't kept if a server rejects it, but not every rejection fetches another one", async () => {
    provided = [token("one", 600_000)];
    const made = bearerToken(provider);
    await sent(made);
    credentialsRejected(made);
    expect(await sent(made)).toBe("Bearer one");
    advance(5_000);
    credentialsRejected(made);
    provided = [token("two", 600_000)];
    expect(await sent(made)).toBe("Bearer two");
    credentialsRejected(CallCredentials.createEmpty());
  });

  it("that never comes is given up, and asked for again", async () => {
    let signal: AbortSignal | undefined;
    let hang = true;
    const made = bearerToken(
      (given) => {
        signal = given;
        return hang ? new Promise(() => {}) : "late";
      },
      { authTimeoutMs: 20 },
    );
    await expect(sent(made)).rejects.toMatchObject({ code: GrpcStatus.UNAVAILABLE });
    expect(signal?.aborted).toBe(true);
    hang = false;
    expect(await sent(made)).toBe("Bearer late");
  });
});

describe("on the wire", () => {
  let server: TestServer;

  afterEach(() => server.close());

  const echo = servicerOf((_request, { requestMetadata }) => ({ id: requestMetadata.get("authorization").join() }));

  it.each(KINDS)("a client sends its token with each call, unless the call has its own: %s", async (kind) => {
    server = await startTestServer([bindProbe(echo)]);
    const client = probeClient(server.channel, { credentials: bearerToken(async () => "the-clients") });
    expect((await callOnce(client, kind)).id).toBe("Bearer the-clients");
    const own = { credentials: bearerToken("the-calls") };
    expect((await callOnce(client, kind, {}, own)).id).toBe("Bearer the-calls");
  });

  it("each attempt of a call asks for the token, and a provider that fails may be retried", async () => {
    let asked = 0;
    server = await startTestServer([bindProbe(echo)], {
      serviceConfig: {
        methodConfig: [
          {
            name: [{ service: "probe.v1.ProbeService" }],
            retryPolicy: {
              maxAttempts: 3,
              initialBackoff: "0.010000000s",
              maxBackoff: "0.010000000s",
              backoffMultiplier: 1,
              retryableStatusCodes: ["UNAVAILABLE"],
            },
          },
        ],
      },
    });
    const flaky = bearerToken(() => {
      asked += 1;
      if (asked < 3) {
        throw new Error("not yet");
      }
      return "third";
    });
    expect((await probeClient(server.channel, { credentials: flaky }).unary({})).id).toBe("Bearer third");
    expect(asked).toBe(3);
  });

  it("fails the call with UNAVAILABLE if there is no token", async () => {
    server = await startTestServer([bindProbe(echo)]);
    const broken = bearerToken(() => {
      throw new Error("the token file is gone");
    });
    await expect(probeClient(server.channel, { credentials: broken }).unary({})).rejects.toMatchObject({
      status: GrpcStatus.UNAVAILABLE,
      message: expect.stringContaining("no bearer token: the token file is gone"),
    });
  });

  it("never goes over plaintext to another machine, unless the channel allows it", async () => {
    let called = 0;
    server = await startTestServer([
      bindProbe(
        servicerOf((_request, { requestMetadata }) => {
          called += 1;
          return { id: requestMetadata.get("authorization").join() };
        }),
      ),
    ]);
    // For the system, this machine; by its address, any.
    const target = server.address.replace("127.0.0.1", "0.0.0.0");
    const channel = insecureChannel(target);
    const options = { credentials: bearerToken("secret") };
    for (const kind of KINDS) {
      await expect(callOnce(probeClient(channel, options), kind)).rejects.toMatchObject({
        status: GrpcStatus.UNAUTHENTICATED,
        message: expect.stringMatching(/aren't sent to dns:\/\/\/0\.0\.0\.0:\d+, since the connection isn't encrypted/),
      });
    }
    const adding: ClientOptions = {
      interceptors: [(call, next) => new InterceptingCall(next({ ...call, ...options }))],
    };
    await expect(probeClient(channel, adding).unary({})).rejects.toMatchObject({ status: GrpcStatus.UNAUTHENTICATED });
    expect(called).toBe(0);
    expect((await probeClient(channel).unary({})).id).toBe("");
    channel.close();

    const allowed = insecureChannel(target, {}, { plaintextCredentials: true });
    expect((await probeClient(allowed, options).unary({})).id).toBe("Bearer secret");
    allowed.close();
  });
});

it.each([
  ["localhost:1", true],
  ["dns:///localhost:1", true],
  ["ledger.localhost:1", true],
  ["127.0.0.1:1", true],
  ["127.9.9.9:1", true],
  ["ipv4:127.0.0.1:1", true],
  ["ipv4:127.0.0.1:1,127.0.0.2:1", true],
  ["ipv4:127.0.0.1:1,10.0.0.1:1", false],
  ["[::1]:1", true],
  ["ipv6:[::1]:1", true],
  ["unix:/run/ledger.sock", true],
  ["unix:///run/ledger.sock", true],
  ["ledger:1", false],
  ["dns:///ledger.default.svc:1", false],
  ["10.0.0.1:1", false],
  ["localhost.example.com:1", false],
  ["127.0.0.1.example.com:1", false],
  ["[2001:db8::1]:1", false],
])("plaintext to %s may carry credentials: %s", (target, expected) => {
  const channel = insecureChannel(target);
  expect(credentialsRefusal(channel) === undefined).toBe(expected);
  channel.close();
  const encrypted = buildChannel(target, {}, { credentials: credentials.createSsl() });
  expect(credentialsRefusal(encrypted)).toBeUndefined();
  encrypted.close();
});

it("channels that grpc-js made are judged alike", () => {
  const plain = new GrpcChannel("ledger:1", credentials.createInsecure(), {});
  const encrypted = new GrpcChannel("ledger:1", credentials.createSsl(), {});
  const composed = new GrpcChannel(
    "ledger:1",
    credentials.combineChannelCredentials(
      credentials.createSsl(),
      credentials.createFromMetadataGenerator((_options, done) => done(null, new Metadata())),
    ),
    {},
  );
  expect([plain, encrypted, composed].map((channel) => credentialsRefusal(channel) === undefined)).toEqual([
    false,
    true,
    true,
  ]);
  for (const channel of [plain, encrypted, composed]) {
    channel.close();
  }
});

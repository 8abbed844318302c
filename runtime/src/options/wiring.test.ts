import { ChannelCredentials } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { insecureChannel, type ProbeClient, probeClient } from "../../test-support/probe-client.js";
import { bindProbe, type ProbeServicer } from "../../test-support/probe-service.js";
import { buildChannel } from "../channel/channel.js";
import { requireServicer } from "../server/require-servicer.js";
import { createServer } from "../server/server.js";
import { startTestServer } from "../testing/test-server.js";

// What a program puts together by mistake is named where it is put together: the service, the method, what was given, what is wanted.

const close: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of close.splice(0).reverse()) {
    await each();
  }
});

const methods = { unary() {}, clientStream() {}, serverStream() {}, bidiStream() {} };

class Servicer {
  unary() {}
  clientStream() {}
  serverStream() {}
}

describe("a servicer", () => {
  it("has its service's methods, its own or inherited, or those of a function", () => {
    class Whole extends Servicer {
      bidiStream() {}
    }
    for (const servicer of [methods, new Whole(), Object.create(methods), Object.assign(() => {}, methods)]) {
      expect(() => requireServicer(ProbeService, servicer)).not.toThrow();
    }
  });

  it.each(Object.keys(methods))("that lacks %s is told so", (name) => {
    const { [name as keyof typeof methods]: _, ...rest } = methods;
    expect(() => requireServicer(ProbeService, rest)).toThrow(
      new TypeError(`Can't bind probe.v1.ProbeService: the servicer needs the method ${name}, and it isn't there`),
    );
    for (const [value, is] of [
      [null, "null"],
      ["x", "a text"],
      [5, "a number"],
      [Promise.resolve(), "a promise (is an `await` missing?)"],
    ]) {
      expect(() => requireServicer(ProbeService, { ...methods, [name]: value })).toThrow(
        `the servicer needs the method ${name}, and it is ${is}`,
      );
    }
  });

  it("whose method has almost the right name is shown it", () => {
    class Misspelt extends Servicer {
      bidistream() {}
    }
    expect(() => requireServicer(ProbeService, new Misspelt())).toThrow(
      "needs the method bidiStream, and it isn't there; it has bidistream: is that what was meant?",
    );
  });

  it("is an object", () => {
    for (const servicer of [undefined, null, 5, "x", [], Promise.resolve(methods)]) {
      expect(() => requireServicer(ProbeService, servicer)).toThrow(
        /^Can't bind probe\.v1\.ProbeService: the servicer/,
      );
    }
  });
});

describe("a server", () => {
  it.each([
    [
      "an object",
      {},
      "services must be a list of bound services: bindXxxService(servicer) makes one of a servicer; it is an object",
    ],
    ["nothing", undefined, "services must be a list of bound services"],
    [
      "a servicer",
      [new Servicer()],
      "services[0] must be a bound service: bindXxxService(servicer) makes one of a servicer; it is a Servicer",
    ],
    ["null", [bindProbe({}), null], "services[1] must be a bound service"],
  ] as const)("isn't made of %s", (_, services, message) => {
    expect(() => createServer(services as never)).toThrow(message);
    expect(() => createServer(services as never)).toThrow(TypeError);
  });

  it("is started at an address", async () => {
    const server = createServer([], { handleSignals: false });
    for (const address of [50_051, null, {}, [50_051], Promise.resolve("127.0.0.1:0")]) {
      await expect(server.start(address as string)).rejects.toThrow(
        /^Can't start the server: the address must be a text, or a list of texts: 0\.0\.0\.0:50051/,
      );
    }
  });
});

describe("a client", () => {
  it("is made on a channel", () => {
    for (const channel of ["localhost:50051", undefined, null, 5, {}, Promise.resolve(1)]) {
      expect(() => probeClient(channel as never)).toThrow(
        /^Can't make a client of probe\.v1\.ProbeService: channel must be a channel: buildXxxChannel\(target, \{ credentials \}\)/,
      );
    }
  });

  it("isn't made on a channel's credentials, which aren't given to it either", () => {
    expect(() => probeClient(ChannelCredentials.createInsecure() as never)).toThrow("channel must be a channel");
    expect(() => buildChannel("localhost:1", {}, {} as never)).toThrow("credentials must be channel credentials");
    expect(() => buildChannel("localhost:1", {}, undefined as never)).toThrow("the options must be an object");
  });
});

describe("requests", () => {
  const ids = async (requests: AsyncIterable<{ readonly id: string }>): Promise<string> => {
    let all = "";
    for await (const { id } of requests) {
      all += id;
    }
    return all;
  };
  const servicer: ProbeServicer = {
    clientStream: async (requests) => ({ id: await ids(requests) }),
    bidiStream: async function* (requests) {
      yield { id: await ids(requests) };
    },
  };

  async function client(): Promise<ProbeClient> {
    const started = await startTestServer([bindProbe(servicer)]);
    close.push(() => started.close());
    return probeClient(started.channel);
  }

  const kinds = {
    "an async generator": async function* () {
      yield* [{ id: "a" }, { id: "b" }];
    },
    "a generator": function* () {
      yield* [{ id: "a" }, { id: "b" }];
    },
    "an array": () => [{ id: "a" }, { id: "b" }],
    "a set": () => new Set([{ id: "a" }, { id: "b" }]),
    "a list of promises": () => [Promise.resolve({ id: "a" }), { id: "b" }] as { id: string }[],
  };

  it.each(Object.entries(kinds))("may be %s", async (_, requests) => {
    const { clientStream, bidiStream } = await client();
    expect((await clientStream(requests(), { timeoutMs: 60_000 })).id).toBe("ab");
    const responses: string[] = [];
    for await (const { id } of bidiStream(requests(), { timeoutMs: 60_000 })) {
      responses.push(id);
    }
    expect(responses).toEqual(["ab"]);
  });

  it("a generator returns when the call ends early", async () => {
    const { bidiStream } = await client();
    let returned = false;
    const waiting = function* () {
      try {
        yield { id: "a" };
        yield new Promise<never>(() => {});
      } finally {
        returned = true;
      }
    };
    const stop = new AbortController();
    const responses = bidiStream(waiting() as Iterable<never>, { timeoutMs: 60_000, signal: stop.signal })[
      Symbol.asyncIterator
    ]();
    const next = responses.next();
    stop.abort();
    await expect(next).rejects.toThrow("Cancelled by the caller");
    await expect.poll(() => returned).toBe(true);
  });

  it.each([
    [undefined, "undefined"],
    [null, "null"],
    ["abc", "a text"],
    [{ id: "a" }, "an object"],
    [Promise.resolve([]), "a promise (is an `await` missing?)"],
  ])("are none in %j: %s", async (requests, is) => {
    const channel = insecureChannel("127.0.0.1:1");
    close.push(() => channel.close());
    const { clientStream, bidiStream } = probeClient(channel);
    const message = (name: string): string =>
      `probe.v1.ProbeService.${name} takes its requests from an iterable (an async generator, an array): it was given ${is}`;
    await expect(clientStream(requests as never, { timeoutMs: 1000 })).rejects.toThrow(
      new TypeError(message("ClientStream")),
    );
    expect(() => bidiStream(requests as never, { timeoutMs: 1000 })).toThrow(new TypeError(message("BidiStream")));
  });
});

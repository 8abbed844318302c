import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { startTestServer } from "../../runtime/src/testing/index.js";
import { ProbeService } from "../../runtime/test-support/gen/probe/v1/probe_pb.js";
import { insecureChannel, probeClient } from "../../runtime/test-support/probe-client.js";
import { bindProbe } from "../../runtime/test-support/probe-service.js";
import { transportOf, WEB_PROTOCOLS } from "../../runtime/test-support/web-protocols.js";
import type { Exit } from "../e2e/child-process.js";
import { Dice, seedOf } from "./dice.js";
import { answer, play } from "./peer.js";
import { makeScript, type Script } from "./script.js";
import { type Subject, type SubjectOptions, startClients, startServer } from "./subject.js";
import { makeWebScript } from "./web-noise.js";

/** What is attacked: a server by HTTP/2, clients, or a server that speaks HTTP/1.1, Connect and gRPC-Web at the same port. */
export const TARGETS = ["server", "client", "web"] as const;
export type Target = (typeof TARGETS)[number];

/** What is thrown at what, and for how long. */
export interface FuzzOptions extends SubjectOptions {
  readonly side: Target;
  readonly seed: number;
  readonly forMs: number;
}

/** What came of it. */
export interface FuzzResult {
  readonly connections: number;
  readonly rssBytes: number;
  /** What is wrong; `undefined`: nothing. */
  readonly finding: string | undefined;
  /** What the peers did that were connected at the end. */
  readonly scripts: readonly string[];
}

const PEERS = 12;
const LOOK_EVERY_MS = 1000;
// A machine that others use may take its time; a process that hangs takes all of it.
const ANSWER_WITHIN_MS = 20_000;
const MAX_RSS_BYTES = 256 * 1024 * 1024;

/** Attacks a process until the time is over or something is wrong with it. */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const honest =
    options.side === "client" ? await startTestServer([bindProbe({ unary: ({ id }) => ({ id }) })]) : undefined;
  const subject =
    honest === undefined
      ? await startServer(options, options.side === "web")
      : await startClients(options, honest.address, options.seed);
  try {
    return await new Attack(subject, options).run();
  } finally {
    subject.close();
    await subject.process.kill();
    await honest?.close();
  }
}

class Attack {
  readonly #subject: Subject & { readonly address?: string };
  readonly #options: FuzzOptions;
  readonly #running = new Map<number, Script>();
  #connections = 0;
  #rssBytes = 0;
  #isOver = false;
  #exit: Exit | undefined;

  constructor(subject: Subject & { readonly address?: string }, options: FuzzOptions) {
    this.#subject = subject;
    this.#options = options;
    void subject.process.exited.then((exit) => {
      this.#exit = exit;
      this.#isOver = true;
    });
  }

  async run(): Promise<FuzzResult> {
    const until = performance.now() + this.#options.forMs;
    const peers = Array.from({ length: PEERS }, () => this.#peer());
    let finding: string | undefined;
    while (finding === undefined && !this.#isOver && performance.now() < until) {
      await Promise.race([delay(Math.min(LOOK_EVERY_MS, this.#options.forMs)), this.#subject.process.exited]);
      finding = await this.#look();
    }
    const scripts = [...this.#running].map(([connection, script]) => describe(connection, script));
    this.#isOver = true;
    finding ??= await this.#end();
    // They wait for clients that connect no more.
    this.#subject.close();
    await within(Promise.all(peers));
    return { connections: this.#connections, rssBytes: this.#rssBytes, finding, scripts };
  }

  async #peer(): Promise<void> {
    while (!this.#isOver) {
      const connection = this.#connections;
      this.#connections += 1;
      const dice = new Dice(seedOf(this.#options.seed, connection));
      const script = scriptOf(this.#options.side, dice);
      this.#running.set(connection, script);
      const socket = await this.#subject.connection();
      if (socket !== undefined) {
        await (this.#options.side === "client" ? answer(socket, script, dice) : play(socket, script));
      }
      this.#running.delete(connection);
    }
  }

  /** Whether the process lives, answers, and keeps to its memory. */
  async #look(): Promise<string | undefined> {
    const { process, address } = this.#subject;
    const fault = process.events.find(({ event }) => event === "fault");
    if (fault !== undefined) {
      return `It says: ${fault.text}`;
    }
    try {
      this.#rssBytes = Math.max(this.#rssBytes, await within(process.ask<number>("memory")));
      await within(address === undefined ? process.ask("honest") : honestCall(address));
      if (address !== undefined && this.#options.side === "web") {
        await within(honestWebCalls(address));
      }
    } catch (error) {
      await Promise.race([process.exited, delay(100)]);
      return this.#exit === undefined ? `It doesn't answer: ${String(error)}` : this.#death();
    }
    return this.#rssBytes > MAX_RSS_BYTES ? `It takes ${Math.round(this.#rssBytes / 2 ** 20)} MiB` : undefined;
  }

  /** Has the process end by itself, which it does with the code 0. */
  async #end(): Promise<string | undefined> {
    const { process } = this.#subject;
    if (this.#exit === undefined) {
      try {
        await within(process.ask("end"));
        await within(process.exited);
      } catch (error) {
        return this.#exit === undefined ? `It doesn't end: ${String(error)}` : this.#death();
      }
    }
    return this.#exit?.code === 0 ? undefined : this.#death();
  }

  #death(): string {
    const lines = this.#subject.process.stderr.split("\n").filter((line) => line.trim() !== "");
    const why = lines.find((line) => /assert|error|fatal/i.test(line)) ?? lines[0] ?? "";
    return `It ended (${this.#exit?.signal ?? this.#exit?.code}): ${why.trim()}`;
  }
}

async function honestCall(address: string): Promise<void> {
  const channel = insecureChannel(address);
  try {
    await probeClient(channel, {}, { timeoutMs: ANSWER_WITHIN_MS }).unary({ id: "honest" });
  } finally {
    channel.close();
  }
}

/** A call by each protocol that pages speak, over both versions of HTTP. */
async function honestWebCalls(address: string): Promise<void> {
  const port = Number(address.split(":").at(-1));
  for (const protocol of WEB_PROTOCOLS) {
    const client = createClient(ProbeService, transportOf(protocol, port));
    const { id } = await client.unary({ id: protocol.name }, { timeoutMs: ANSWER_WITHIN_MS });
    if (id !== protocol.name) {
      throw new Error(`by ${protocol.name}, ${JSON.stringify(id)} came back`);
    }
  }
}

function scriptOf(target: Target, dice: Dice): Script {
  return target === "web" ? makeWebScript(dice) : makeScript(target, dice);
}

function within<T>(what: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`nothing for ${ANSWER_WITHIN_MS / 1000} s`)), ANSWER_WITHIN_MS);
    what.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function describe(connection: number, { reads, first, waitMs, frames, cut, leave, stayMs }: Script): string {
  const hex = Buffer.concat(frames).toString("hex");
  const bytes = hex.length > 400 ? `${hex.slice(0, 400)}…` : hex;
  const how = `${reads ? "reads" : "reads nothing"}, ${cut}, ${leave} after ${stayMs} ms`;
  return `${connection}: ${how}; ${first.toString("hex")}, ${waitMs} ms, ${bytes}`;
}

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { LoadResult } from "./load.js";
import type { Answer, Question, Usage } from "./messages.js";
import type { Scenario } from "./scenario.js";
import type { SubjectName } from "./subject.js";

/** What one round of one subject measured. Times are in milliseconds unless the name says otherwise. */
export interface Round extends LoadResult {
  /** Calls, or messages of a stream. */
  readonly unitsPerSecond: number;
  readonly clientCpuMicrosecondsPerUnit: number;
  readonly serverCpuMicrosecondsPerUnit: number;
  /** Of both processes, when the round ended. */
  readonly residentBytes: number;
  readonly heapBytes: number;
}

/** A subject at work: its server and its client, in a process each. They stay warm between the rounds. */
export class Contestant {
  readonly name: SubjectName;
  readonly #server: Child;
  readonly #client: Child;

  private constructor(name: SubjectName, server: Child, client: Child) {
    this.name = name;
    this.#server = server;
    this.#client = client;
  }

  /** @param profiles the folder that CPU profiles are written to, when the contestant stops */
  static async start(name: SubjectName, profiles: string | undefined): Promise<Contestant> {
    const [server, client] = [new Child("server", name, profiles), new Child("client", name, profiles)];
    const { port = 0 } = await server.ask({ kind: "start", subject: name });
    await client.ask({ kind: "start", subject: name, port });
    return new Contestant(name, server, client);
  }

  async warmUp(scenario: Scenario, calls: number): Promise<void> {
    await this.#client.ask({ kind: "warmUp", scenario: scenario.name, calls });
  }

  async round(scenario: Scenario, seconds: number): Promise<Round> {
    const before = await this.#usages();
    const { load } = await this.#client.ask({ kind: "load", scenario: scenario.name, seconds });
    const after = await this.#usages();
    if (load === undefined) {
      throw new Error(`The client of ${this.name} measured nothing`);
    }
    const units = load.calls * scenario.unitsPerCall;
    return {
      ...load,
      unitsPerSecond: units / load.seconds,
      clientCpuMicrosecondsPerUnit: (after.client.cpuMicroseconds - before.client.cpuMicroseconds) / units,
      serverCpuMicrosecondsPerUnit: (after.server.cpuMicroseconds - before.server.cpuMicroseconds) / units,
      residentBytes: after.client.residentBytes + after.server.residentBytes,
      heapBytes: after.client.heapBytes + after.server.heapBytes,
    };
  }

  async stop(): Promise<void> {
    await Promise.all([this.#client.stop(), this.#server.stop()]);
  }

  async #usages(): Promise<{ readonly client: Usage; readonly server: Usage }> {
    const [client, server] = await Promise.all([this.#client.usage(), this.#server.usage()]);
    return { client, server };
  }
}

/** A process that is asked one thing at a time. */
class Child {
  readonly #what: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<never>;

  constructor(role: "server" | "client", subject: SubjectName, profiles: string | undefined) {
    this.#what = `The ${role} of ${subject}`;
    const profiling = ["--cpu-prof", `--cpu-prof-dir=${profiles}`, `--cpu-prof-name=${subject}-${role}.cpuprofile`];
    this.#process = fork(fileURLToPath(new URL(`./${role}-process.js`, import.meta.url)), [], {
      execArgv: profiles === undefined ? [] : profiling,
    });
    this.#ended = once(this.#process, "exit").then(([code]) => {
      throw new Error(`${this.#what} ended with exit code ${code}`);
    });
    this.#ended.catch(() => {});
  }

  async ask(question: Question): Promise<Answer> {
    const answered = once(this.#process, "message");
    this.#process.send(question);
    const [answer] = await Promise.race([answered, this.#ended]);
    return answer as Answer;
  }

  async usage(): Promise<Usage> {
    const { usage } = await this.ask({ kind: "usage" });
    if (usage === undefined) {
      throw new Error(`${this.#what} doesn't say what it uses`);
    }
    return usage;
  }

  async stop(): Promise<void> {
    this.#process.send({ kind: "stop" });
    await this.#ended.catch(() => {});
  }
}

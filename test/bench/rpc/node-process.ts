import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { LoadResult } from "./load.js";
import type { Answer, Question, Usage } from "./messages.js";
import type { Scenario } from "./scenario.js";
import type { ClientSide, ServerSide } from "./side.js";
import type { SubjectName } from "./subject.js";

/** How a process of Node is started. */
export interface NodeStart {
  readonly subject: SubjectName;
  /** The path of Node's binary. */
  readonly node: string;
  /** The folder that a CPU profile is written to when the process stops. */
  readonly profiles: string | undefined;
  /** Of the profile's name. */
  readonly label: string;
  /** Of Node. */
  readonly flags?: readonly string[];
}

/** Starts a subject's server on a Node. */
export async function startNodeServer(start: NodeStart): Promise<ServerSide> {
  const process = new NodeProcess("server", start);
  const { port = 0 } = await process.ask({ kind: "start", subject: start.subject });
  return { port, usage: () => process.usage(), stop: () => process.stop() };
}

/** Starts a subject's client on a Node, for a server on a port of this machine. */
export async function startNodeClient(start: NodeStart, port: number): Promise<ClientSide> {
  const process = new NodeProcess("client", start);
  await process.ask({ kind: "start", subject: start.subject, port });
  return {
    async warmUp({ name }: Scenario, calls: number): Promise<void> {
      await process.ask({ kind: "warmUp", scenario: name, calls });
    },
    async ready({ name, concurrency }: Scenario): Promise<void> {
      await process.ask({ kind: "warmUp", scenario: name, calls: concurrency * 2 });
    },
    async load({ name }: Scenario, seconds: number): Promise<LoadResult> {
      const { load } = await process.ask({ kind: "load", scenario: name, seconds });
      if (load === undefined) {
        throw new Error(`The client of ${start.subject} measured nothing`);
      }
      return load;
    },
    usage: () => process.usage(),
    stop: () => process.stop(),
  };
}

/** A process that is asked one thing at a time. */
export class NodeProcess {
  readonly #what: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<never>;

  constructor(role: "server" | "client" | "connections", { subject, node, profiles, label, flags = [] }: NodeStart) {
    this.#what = `The ${role} of ${subject}`;
    const profiling = ["--cpu-prof", `--cpu-prof-dir=${profiles}`, `--cpu-prof-name=${label}-${role}.cpuprofile`];
    this.#process = fork(fileURLToPath(new URL(`./${role}-process.js`, import.meta.url)), [], {
      execPath: node,
      execArgv: [...flags, ...(profiles === undefined ? [] : profiling)],
      // Log lines go to /dev/null.
      stdio: ["ignore", "ignore", "inherit", "ipc"],
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

  async usage(afterGarbageCollection = false): Promise<Usage> {
    const { usage } = await this.ask({ kind: "usage", afterGarbageCollection });
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

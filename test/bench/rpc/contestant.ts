import { type GoPrograms, startGhz, startGoServer } from "./go-programs.js";
import type { LoadResult } from "./load.js";
import { type NodeStart, startNodeClient, startNodeServer } from "./node-process.js";
import type { CallKind, Scenario } from "./scenario.js";
import type { ClientSide, ServerSide } from "./side.js";
import type { SubjectName } from "./subject.js";
import type { Measured, View } from "./view.js";

/** What one round of one subject measured. Times are in milliseconds unless the name says otherwise. */
export interface Round extends LoadResult {
  /** Calls, or messages of a stream. */
  readonly unitsPerSecond: number;
  /** Of the processes that are measured, for a call or a message. */
  readonly cpuMicroseconds: number;
  /** Of the processes that are measured, when the round ended. */
  readonly residentBytes: number;
  readonly heapBytes: number;
}

/** Where contestants run. */
export interface Surroundings {
  /** The Node of what is measured. */
  readonly node: string;
  /** Of that Node. */
  readonly version: string;
  readonly profiles: string | undefined;
  readonly go: GoPrograms | undefined;
}

/** A subject at work: a server and a client, in a process each. They stay warm between the rounds. */
export class Contestant {
  readonly name: SubjectName;
  readonly #measured: Measured;
  readonly #server: ServerSide;
  readonly #client: ClientSide;
  readonly #warm = new Set<CallKind>();

  private constructor(name: SubjectName, measured: Measured, server: ServerSide, client: ClientSide) {
    this.name = name;
    this.#measured = measured;
    this.#server = server;
    this.#client = client;
  }

  static async start(
    name: SubjectName,
    view: View,
    { node, version, profiles, go }: Surroundings,
  ): Promise<Contestant> {
    const { measured } = view;
    const label = `${view.name}-${version}-${name}`;
    // Who only helps to measure another one runs on the Node of the bench.
    const start = (subject: SubjectName, role: Measured): NodeStart => ({
      subject,
      node: measured === "both" || measured === role ? node : process.execPath,
      profiles,
      label,
    });
    const [serving, calling] = [view.server(name), view.client(name)];
    const server = serving === "grpc-go" ? await startGoServer(go) : await startNodeServer(start(serving, "server"));
    const client =
      calling === "grpc-go" ? startGhz(go, server.port) : await startNodeClient(start(calling, "client"), server.port);
    return new Contestant(name, measured, server, client);
  }

  /** Makes the scenario's kind of call until nothing gets faster by it. @param share of the calls that this takes */
  async warmUp(scenario: Scenario, share: number): Promise<void> {
    if (!this.#warm.has(scenario.kind)) {
      this.#warm.add(scenario.kind);
      await this.#client.warmUp(scenario, Math.ceil(scenario.warmUpCalls * share));
    }
  }

  async round(scenario: Scenario, seconds: number): Promise<Round> {
    await this.#client.ready(scenario);
    const before = await this.#usage();
    const load = await this.#client.load(scenario, seconds);
    const after = await this.#usage();
    const units = load.calls * scenario.unitsPerCall;
    return {
      ...load,
      unitsPerSecond: units / load.seconds,
      cpuMicroseconds: (after.cpuMicroseconds - before.cpuMicroseconds) / units,
      residentBytes: after.residentBytes,
      heapBytes: after.heapBytes,
    };
  }

  async stop(): Promise<void> {
    await this.#client.stop();
    await this.#server.stop();
  }

  async #usage() {
    const usages = [
      this.#measured === "client" ? undefined : await this.#server.usage(),
      this.#measured === "server" ? undefined : await this.#client.usage(),
    ].filter((usage) => usage !== undefined);
    const sum = (read: (usage: (typeof usages)[number]) => number) =>
      usages.reduce((total, usage) => total + read(usage), 0);
    return {
      cpuMicroseconds: sum((usage) => usage.cpuMicroseconds),
      residentBytes: sum((usage) => usage.residentBytes),
      heapBytes: sum((usage) => usage.heapBytes),
    };
  }
}

import type { LoadResult } from "./load.js";
import type { Usage } from "./messages.js";
import type { Scenario } from "./scenario.js";

/** A server in a process of its own. */
export interface ServerSide {
  readonly port: number;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

/** A client in a process of its own. */
export interface ClientSide {
  /** Makes so many calls, and measures nothing. */
  warmUp(scenario: Scenario, calls: number): Promise<void>;
  /** Makes sure that there is a connection: it may have been closed while others had their turns. */
  ready(scenario: Scenario): Promise<void>;
  load(scenario: Scenario, seconds: number): Promise<LoadResult>;
  /** `undefined`: nobody asks it. */
  usage(): Promise<Usage | undefined>;
  stop(): Promise<void>;
}

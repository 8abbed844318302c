import type { CommandOutcome } from "../command.js";

/** The certificates with which gRPC's implementations test TLS: all have the same. */
export interface TestCertificates {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** What a test certificate is made out to. */
export const SERVER_NAME = "foo.test.google.fr";

/** Another implementation's client and server of gRPC's interoperability tests. */
export interface Peer {
  /** `grpc-go`, as names of suites and their title have it. */
  readonly name: string;
  readonly title: string;
  readonly source: string;
  /** Whether each commit runs it. */
  readonly quick: boolean;
  /**
   * Builds or installs what is needed.
   *
   * @throws {NotRun} if it can't be had
   */
  prepare(): Promise<PreparedPeer>;
}

/** How a peer's server is started. */
export interface ServerCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A peer that can be run. */
export interface PreparedPeer {
  readonly version: string;
  /** The cases of its client. */
  readonly clientCases: readonly string[];
  /** Those of them that need more than a client and a server, and why they are left out. */
  readonly leftOut?: Readonly<Record<string, string>>;
  /** What its server can't do, by the case of our client that would need it, and why. */
  readonly serverLacks: Readonly<Record<string, string>>;
  /** Runs one case against a server on a port of this machine; what it exits with tells how it went. */
  runClient(testCase: string, port: number, tls: TestCertificates | undefined): Promise<CommandOutcome>;
  /** The command that serves on a port. */
  serverCommand(port: number, tls: TestCertificates | undefined): ServerCommand;
}

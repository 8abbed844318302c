/** Where a tool finds the server. */
export interface ToolTarget {
  readonly port: number;
  /** The CA's file; undefined: no TLS. */
  readonly ca: string | undefined;
}

/** A tool's arguments, and what must come of them. */
export interface ToolCase {
  readonly args: readonly string[];
  /** What it exits with. Default: 0. */
  readonly code?: number;
  /** All of it is in what it prints to stdout and stderr. JSON has no spaces after colons here. */
  readonly prints: readonly string[];
  /** None of it is. */
  readonly silentAbout?: readonly string[];
}

/** A domain's own detail message, and google.rpc's, as tools that know their descriptors print them. */
export const READABLE_DETAILS: readonly string[] = [
  '"reason":"NOT_ON_SHELF"',
  '"retryDelay":"2s"',
  '"code":"NOT_ON_SHELF"',
];

/** The other end of the connection that a call came on, as far as it is known. */
export interface ConnectionAddresses {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

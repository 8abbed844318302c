/** What the payments' server can be told from outside, by environment variables. */
export interface Settings {
  /** `host:port`; port 0 takes any that is free. */
  readonly address: string;
  /** Where the ledger is: a gRPC target. */
  readonly ledgerTarget: string;
}

/** Reads the settings. An empty variable counts as one that isn't set. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    address: env.PAYMENTS_ADDRESS || env.ADDRESS || "0.0.0.0:50052",
    ledgerTarget: env.LEDGER_TARGET || env.LEDGER_GRPC_TARGET || "localhost:50051",
  };
}

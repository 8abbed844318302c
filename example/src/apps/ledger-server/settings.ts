import type { DatabaseSettings } from "./database/open-database.js";

/** What the ledger's server can be told from outside, by environment variables. */
export interface Settings extends DatabaseSettings {
  /** `host:port`; port 0 takes any that is free. */
  readonly address: string;
  /** The origins of pages that may call: `https://bank.example.com`. Empty: none. */
  readonly webOrigins: readonly string[];
}

/** Reads the settings. An empty variable counts as one that isn't set. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    address: env.LEDGER_ADDRESS || env.ADDRESS || "0.0.0.0:50051",
    webOrigins: (env.LEDGER_WEB_ORIGINS ?? "").split(/[,\s]+/).filter((origin) => origin !== ""),
    databaseUrl: env.DATABASE_URL || undefined,
    dataDir: env.LEDGER_DATA_DIR || undefined,
  };
}

import { pino } from "pino";

/** Programs under test log to stderr, and nothing unless PROOF_LOG names a level. */
export const programLogger = pino(
  { level: process.env.PROOF_LOG ?? "silent" },
  pino.destination({ dest: 2, sync: true }),
);

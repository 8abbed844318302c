// A backend of the weights' test: the example's generated service, whose method keeps the event loop for as long as it is told.
import { createServer } from "@accord-grpc/runtime";
import { bindLedgerService } from "../../example/src/gen/ledger/v1/ledger_servicer.js";

/** What a backend is told by the environment variable `BACKEND`. */
export interface WeightsBackendInit {
  readonly address: string;
  /** How long a call takes the event loop, in milliseconds. */
  readonly workMs: number;
}

const { address, workMs }: WeightsBackendInit = JSON.parse(process.env.BACKEND ?? "");
const nobody = new Int32Array(new SharedArrayBuffer(4));
const unused = (): never => {
  throw new Error("Nobody calls it here");
};

// As `lb: { policy: LOAD_BALANCING_POLICY_WEIGHTED_ROUND_ROBIN }` has it generated.
const server = createServer(
  [
    bindLedgerService({
      openAccount: unused,
      getAccount: async () => {
        // It waits rather than computes, so that backends on one machine don't take each other's processor. The loop is as busy.
        Atomics.wait(nobody, 0, 0, workMs);
        return {};
      },
      transfer: unused,
      listEntries: unused,
      importEntries: unused,
      watch: unused,
      followEntries: unused,
    }),
  ],
  { reportsLoad: true },
);
await server.start(address);
process.stdout.write(`${JSON.stringify({ event: "started" })}\n`);
await server.closed;

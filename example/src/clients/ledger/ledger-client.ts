import { credentials } from "@grpc/grpc-js";
import { AuditServiceClient } from "../../gen/ledger/v1/audit_client.js";
import { buildLedgerV1Channel } from "../../gen/ledger/v1/channel.js";
import { LedgerServiceClient } from "../../gen/ledger/v1/ledger_client.js";

/** The ledger, as the other programs of this repository use it. */
export interface LedgerClients {
  readonly ledger: LedgerServiceClient;
  readonly audit: AuditServiceClient;
  /** Closes the channel, for all that use it. */
  close(): void;
}

const byTarget = new Map<string, LedgerClients>();

/**
 * The clients of the ledger at `target`: the same ones whenever a process asks.
 *
 * A channel is made to be shared. It holds the connections, knows which backends are well, spreads the calls over them
 * and keeps count of the retries: one that is built for each request knows none of this.
 *
 * @param target `dns:///ledger-headless.default.svc.cluster.local:50051`, `localhost:50051`, …
 */
export function ledgerClients(target: string): LedgerClients {
  const existing = byTarget.get(target);
  if (existing !== undefined) {
    return existing;
  }
  const channel = buildLedgerV1Channel(target, { credentials: credentials.createInsecure() });
  const clients: LedgerClients = {
    ledger: new LedgerServiceClient(channel),
    audit: new AuditServiceClient(channel),
    close: () => {
      byTarget.delete(target);
      channel.close();
    },
  };
  byTarget.set(target, clients);
  return clients;
}

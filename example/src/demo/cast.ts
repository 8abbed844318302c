import type { AuditServiceClient } from "../gen/ledger/v1/audit_client.js";
import type { LedgerServiceClient } from "../gen/ledger/v1/ledger_client.js";
import type { PaymentsServiceClient } from "../gen/payments/v1/payments_client.js";
import type { ServerProcess } from "./server-process.js";
import type { Stage } from "./stage.js";

/** Who plays in the demo. */
export interface Cast {
  readonly stage: Stage;
  readonly ledger: LedgerServiceClient;
  readonly audit: AuditServiceClient;
  readonly payments: PaymentsServiceClient;
  readonly ledgerServer: ServerProcess;
  /** Where the ledger's page is. */
  readonly pageOrigin: string;
}

import { createServer, type Logger, type ServerOptions } from "@accord-grpc/runtime";
import { bindLedgerService, type LedgerServiceServicer } from "../../../example/src/gen/ledger/v1/ledger_servicer.js";
import { tellParent } from "../paired/subjects.js";

// The same servicer, with and without the web at its port, and once more without: what that differs by is what can't be told apart.

// Log lines would cost both the same, and a smaller call shows more.
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, isLevelEnabled: () => false };
const servicer: Pick<LedgerServiceServicer, "transfer"> = { transfer: async () => ({ transferId: "17" }) };
const unused = () => Promise.reject(new Error("Nobody calls it here"));
const whole = new Proxy(servicer, { get: (target, name) => Reflect.get(target, name) ?? unused });

async function serve(options: ServerOptions): Promise<string> {
  const service = bindLedgerService(whole as LedgerServiceServicer);
  const server = createServer([service], { logger: silent, handleSignals: false, ...options });
  return (await server.start("127.0.0.1:0")).address;
}

tellParent({ off: await serve({}), on: await serve({ http: {} }), "off again": await serve({}) });

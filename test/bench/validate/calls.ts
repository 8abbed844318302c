// What a small unary call pays for its check: the ledger's Transfer, served with and without it, each call over HTTP/2 on a socket of this
// process. Processor time of client and server together, in rounds that alternate.
import { loadavg } from "node:os";
import * as codegen from "@accord-grpc/runtime/codegen/v1";
import { startTestServer } from "@accord-grpc/runtime/testing";
import { InvalidFieldError, LEDGER_ERROR_MAP } from "../../../example/src/gen/ledger/v1/errors.js";
import { LedgerServiceClient } from "../../../example/src/gen/ledger/v1/ledger_client.js";
import { TransferRequestCodec, TransferResponseCodec } from "../../../example/src/gen/ledger/v1/ledger_codec.js";
import { LedgerService, type TransferRequest } from "../../../example/src/gen/ledger/v1/ledger_pb.js";
import { validateTransferRequest } from "../../../example/src/gen/ledger/v1/ledger_validate.js";
import { quartiles } from "./quartiles.js";

const ROUNDS = Number(process.argv[2] ?? 9) * 5;
const CALLS = 1_000;

type Handler = (request: TransferRequest) => Promise<{ transferId: string }>;

const request = {
  requestId: "0b9a5c4e-7a52-4a6e-9a5f-1d2c3b4a5f60",
  transfer: {
    sourceAccountId: "checking-ada",
    destinationAccountId: "savings-bob",
    amount: { minorUnits: 1250n, currencyCode: "EUR" },
    memo: "Thank you for the fish",
  },
};

async function serve(check: (handler: Handler) => Handler) {
  const transfer: Handler = async () => ({ transferId: "17" });
  const handler = codegen.grpcLogger()(
    codegen.grpcErrorHandler(LEDGER_ERROR_MAP, [InvalidFieldError])(check(transfer)),
  );
  const unused = { handler: () => Promise.reject(new Error("not called")) };
  const methods = {
    ...Object.fromEntries(LedgerService.methods.map(({ localName }) => [localName, unused])),
    transfer: { handler, request: TransferRequestCodec, response: TransferResponseCodec },
  };
  const server = await startTestServer([codegen.bindService(LedgerService, methods as never)]);
  return { server, client: new LedgerServiceClient(server.channel) };
}

const subjects = {
  checked: await serve(codegen.grpcValidator(validateTransferRequest, InvalidFieldError, ["field", "problem"])),
  unchecked: await serve((handler) => handler),
};

/** Microseconds of processor time for a call. */
async function cost({ client }: (typeof subjects)["checked"]): Promise<number> {
  const before = process.cpuUsage();
  for (let call = 0; call < CALLS; call += 10) {
    await Promise.all(Array.from({ length: 10 }, () => client.transfer(request)));
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}

const ratios: number[] = [];
const costs: number[] = [];
for (let round = -5; round < ROUNDS; round++) {
  // Whoever comes first pays for what was left behind: they take turns.
  const first = round % 2 === 0 ? subjects.checked : subjects.unchecked;
  const second = first === subjects.checked ? subjects.unchecked : subjects.checked;
  const [one, two] = [await cost(first), await cost(second)];
  const [checked, unchecked] = first === subjects.checked ? [one, two] : [two, one];
  if (round >= 0) {
    ratios.push(checked / unchecked);
    costs.push(unchecked);
  }
}
const [low, middle, high] = quartiles(ratios);
process.stdout.write(
  `A small unary call, checked: ${middle.toFixed(3)} times the processor time of one that isn't (quartiles ${low.toFixed(3)} to ` +
    `${high.toFixed(3)}, ${ROUNDS} rounds of ${CALLS} calls, ${quartiles(costs)[1].toFixed(0)} µs a call, load ${(loadavg()[0] ?? 0).toFixed(1)})\n`,
);
await Promise.all(Object.values(subjects).map(({ server }) => server.close()));

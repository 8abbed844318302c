// What a small unary call pays for its check: the ledger's Transfer. Once directly, what the check adds to a call by the clock of the
// processor, beside what the whole call costs its server; and once by serving it with and without.
import type { CallContext } from "@accord-grpc/runtime";
import { grpcValidator } from "@accord-grpc/runtime/codegen/v1";
import { create } from "@bufbuild/protobuf";
import { InvalidFieldError } from "../../../example/src/gen/ledger/v1/errors.js";
import { TransferRequestCodec } from "../../../example/src/gen/ledger/v1/ledger_codec.js";
import { TransferRequestSchema } from "../../../example/src/gen/ledger/v1/ledger_pb.js";
import { validateTransferRequest } from "../../../example/src/gen/ledger/v1/ledger_validate.js";
import { compare } from "../paired/compare.js";
import { medianWithin } from "../paired/interval.js";
import { ledgerCaller, TRANSFER_REQUEST } from "../paired/ledger-caller.js";

const ROUNDS = 101;
const TIMES = 20_000;

type Handler = (request: unknown, context: CallContext) => unknown;

const bytes = TransferRequestCodec.encode(create(TransferRequestSchema, TRANSFER_REQUEST));
// Each call has a request of its own, decoded as in a call.
const requests = Array.from({ length: 64 }, () => TransferRequestCodec.decode(bytes));
const context = {} as CallContext;

/** Nanoseconds of processor time for a call of a handler. */
function time(handler: Handler): number {
  const { user } = process.cpuUsage();
  for (let index = 0; index < TIMES; index += 1) {
    handler(requests[index & 63], context);
  }
  return ((process.cpuUsage().user - user) * 1_000) / TIMES;
}

const plain: Handler = () => requests;
const checked = grpcValidator(validateTransferRequest, InvalidFieldError, ["field", "problem"])(plain);
const added = Array.from({ length: ROUNDS + 10 }, () => time(checked) - time(plain)).slice(10);
const { median, low, high } = medianWithin(added);

const { text, microseconds } = await compare({
  server: new URL("calls-server.mjs", import.meta.url),
  subjects: ["unchecked", "checked", "unchecked again"],
  open: ledgerCaller,
});
const share = (nanoseconds: number): string => `${(nanoseconds / microseconds / 10).toFixed(3)} %`;
process.stdout.write(
  `A small unary call, of which the check is ${median.toFixed(0)} ns (${low.toFixed(0)} to ${high.toFixed(0)}): ${share(median)} ` +
    `(${share(low)} to ${share(high)}) of what it costs its server; served …\n${text}\n`,
);

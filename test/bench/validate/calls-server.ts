import * as codegen from "@accord-grpc/runtime/codegen/v1";
import { startTestServer } from "@accord-grpc/runtime/testing";
import { InvalidFieldError, LEDGER_ERROR_MAP } from "../../../example/src/gen/ledger/v1/errors.js";
import { TransferRequestCodec, TransferResponseCodec } from "../../../example/src/gen/ledger/v1/ledger_codec.js";
import { LedgerService, type TransferRequest } from "../../../example/src/gen/ledger/v1/ledger_pb.js";
import { validateTransferRequest } from "../../../example/src/gen/ledger/v1/ledger_validate.js";
import { tellParent } from "../paired/subjects.js";

// The ledger's Transfer, served with and without the check of its requests, and once more without.

type Handler = (request: TransferRequest) => Promise<{ transferId: string }>;

async function serve(check: (handler: Handler) => Handler): Promise<string> {
  const transfer: Handler = async () => ({ transferId: "17" });
  const handler = codegen.grpcLogger()(
    codegen.grpcErrorHandler(LEDGER_ERROR_MAP, [InvalidFieldError])(check(transfer)),
  );
  const unused = { handler: () => Promise.reject(new Error("not called")) };
  const methods = {
    ...Object.fromEntries(LedgerService.methods.map(({ localName }) => [localName, unused])),
    transfer: { handler, request: TransferRequestCodec, response: TransferResponseCodec },
  };
  return (await startTestServer([codegen.bindService(LedgerService, methods as never)])).address;
}

tellParent({
  unchecked: await serve((handler) => handler),
  checked: await serve(codegen.grpcValidator(validateTransferRequest, InvalidFieldError, ["field", "problem"])),
  "unchecked again": await serve((handler) => handler),
});

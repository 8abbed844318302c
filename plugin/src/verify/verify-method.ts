import { DEFAULT_MAX_MESSAGE_BYTES, type StatusName } from "@accord-grpc/runtime/contract";
import type { ContractModel, ErrorModel, MethodModel, PackageModel } from "../model/model.js";

/** A method as it is judged. */
export interface VerifyMethod {
  readonly model: MethodModel;
  readonly pkg: PackageModel;
  /** `ledger.v1.LedgerService` */
  readonly service: string;
  /** `ledger.v1.LedgerService.GetAccount` */
  readonly subject: string;
  /** `/ledger.v1.LedgerService/GetAccount` */
  readonly path: string;
  readonly streamsRequests: boolean;
  readonly streamsResponses: boolean;
  readonly maxRequestBytes: number;
  readonly maxResponseBytes: number;
  /** The statuses that the contract has clients send a call again for. */
  readonly resent: readonly StatusName[];
  /** What a method may raise: its raises, and the special cases of these. */
  readonly raises: ReadonlyMap<string, ErrorModel>;
}

/** All methods of a contract that somebody implements. */
export function verifyMethods(contract: ContractModel): VerifyMethod[] {
  const errors = contract.packages.flatMap((pkg) => pkg.errors);
  return contract.packages.flatMap((pkg) =>
    pkg.services
      .filter(({ isBuiltIn }) => !isBuiltIn)
      .flatMap(({ methods }) => methods.map((model) => verifyMethod(model, pkg, errors))),
  );
}

function verifyMethod(model: MethodModel, pkg: PackageModel, errors: readonly ErrorModel[]): VerifyMethod {
  const { method, kind, call } = model;
  const service = method.parent.typeName;
  const special = errors.filter((error) =>
    model.raises.some(({ package: owner, descendants }) => owner === error.package && descendants.includes(error.code)),
  );
  return {
    model,
    pkg,
    service,
    subject: `${service}.${method.name}`,
    path: `/${service}/${method.name}`,
    streamsRequests: kind === "client_streaming" || kind === "bidi_streaming",
    streamsResponses: kind === "server_streaming" || kind === "bidi_streaming",
    maxRequestBytes: call.maxRequestBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
    maxResponseBytes: call.maxResponseBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
    resent: resentCodes(model),
    raises: new Map([...special, ...model.raises].map((error) => [error.code, error])),
  };
}

function resentCodes({ call: { resend } }: MethodModel): readonly StatusName[] {
  switch (resend.kind) {
    case "retry":
      return resend.codes;
    case "hedge":
      return resend.nonFatalCodes;
    case "none":
      // What any gRPC client may take for a call that didn't get through.
      return ["UNAVAILABLE"];
  }
}

import type { DescMethod } from "@bufbuild/protobuf";
import { type LogPolicy, mergedPolicy } from "../call/log-policy.js";
import { nearest } from "../contract/nearest-name.js";
import type { BoundService } from "./bind-service.js";
import type { ServerOptions } from "./server-options.js";

/** Says how the calls of a method are logged: what its contract says, and over it the server's options. */
export type PolicyOf = (method: DescMethod, contract: LogPolicy | undefined) => LogPolicy;

/**
 * What a server's options say of log lines.
 *
 * @throws {TypeError} if they name a service or a method that the server doesn't have
 */
export function logPolicies(
  services: readonly Pick<BoundService, "service" | "methods">[],
  { logPolicy, logPolicies: byName = {} }: Pick<ServerOptions, "logPolicy" | "logPolicies">,
): PolicyOf {
  const names = services.flatMap(({ service, methods }) => [
    service.typeName,
    ...methods.map(({ desc }) => methodName(desc)),
  ]);
  for (const name of Object.keys(byName)) {
    if (!names.includes(name)) {
      const meant = nearest(name, names);
      throw new TypeError(
        `Can't make the server: logPolicies has ${JSON.stringify(name)}, which is none of its services or methods` +
          (meant === undefined ? ': write "ledger.v1.LedgerService/Transfer"' : `; is ${meant} what was meant?`),
      );
    }
  }
  return (method, contract) =>
    mergedPolicy([contract, logPolicy, byName[method.parent.typeName], byName[methodName(method)]]);
}

/** As spans call it: `ledger.v1.LedgerService/Transfer`. */
function methodName({ parent, name }: DescMethod): string {
  return `${parent.typeName}/${name}`;
}

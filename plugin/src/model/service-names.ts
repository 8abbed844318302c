import { memberName } from "@accord-grpc/runtime/contract";
import { camelCase, pascalCase } from "../resolve/casing.js";
import type { ResolvedMethod, ResolvedService } from "../resolve/resolved-contract.js";
import type { MethodNames, ServiceNames } from "./model.js";
import { UniqueNames } from "./unique-names.js";

/** The identifiers of the services of one file and of their methods. */
export interface FileNames {
  readonly services: ReadonlyMap<ResolvedService, Omit<ServiceNames, "key">>;
  readonly methods: ReadonlyMap<ResolvedMethod, MethodNames>;
}

/** Names what the services of one file are made into. */
export function fileNames(services: readonly ResolvedService[]): FileNames {
  // `*_servicer.ts` and `*_client.ts`: a name has to be unique in its own file only.
  const servicerFile = new UniqueNames();
  const clientFile = new UniqueNames();
  const contractFile = new UniqueNames();
  const serviceNames = new Map<ResolvedService, Omit<ServiceNames, "key">>();
  for (const service of services) {
    const { name } = service.raw.desc;
    serviceNames.set(service, {
      servicer: servicerFile.claim(`${name}Servicer`),
      bind: servicerFile.claim(`bind${name}`),
      client: clientFile.claim(`${name}Client`),
      contract: contractFile.claim(`${name.replace(/(?<=.)Service$/, "")}Contract`),
    });
  }
  const occurrences = new Map<string, number>();
  for (const method of services.flatMap((service) => service.methods)) {
    const name = camelCase(method.raw.desc.name);
    occurrences.set(name, (occurrences.get(name) ?? 0) + 1);
  }
  const methodNames = new Map<ResolvedMethod, MethodNames>();
  for (const service of services) {
    for (const method of service.methods) {
      const { name, localName } = method.raw.desc;
      const short = camelCase(name);
      // Two services of a file may each have a `Get`: then each is named after its service as well.
      const context = (occurrences.get(short) ?? 0) > 1 ? camelCase(service.raw.desc.name) + pascalCase(name) : short;
      methodNames.set(method, {
        local: localName,
        member: memberName(localName),
        logContext: servicerFile.claim(`${context}LogContext`),
        responseLogContext: servicerFile.claim(`${context}ResponseLogContext`),
        errorUnion: clientFile.claim(`${service.raw.desc.name}${pascalCase(name)}Error`),
      });
    }
  }
  return { services: serviceNames, methods: methodNames };
}

// What every JavaScript object has already.
const RESERVED_KEYS: readonly string[] = ["constructor", "toString", "toJSON", "valueOf"];

/** The keys under which a package's services are given to its server: `LedgerService` → `ledger`. */
export function serviceKeys(services: readonly ResolvedService[]): ReadonlyMap<ResolvedService, string> {
  const short = services.map((service) => camelCase(service.raw.desc.name.replace(/Service$/, "")));
  const names = new UniqueNames();
  for (const key of RESERVED_KEYS) {
    names.claim(key);
  }
  return new Map(
    services.map((service, index) => {
      const key = short[index] ?? "";
      const isFree = key !== "" && short.indexOf(key) === short.lastIndexOf(key);
      return [service, names.claim(identifier(isFree ? key : camelCase(service.raw.desc.name)))];
    }),
  );
}

function identifier(key: string): string {
  return /^[a-z]/.test(key) ? key : `service${key}`;
}

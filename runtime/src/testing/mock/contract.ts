import type { DescMethod, DescService, Message } from "@bufbuild/protobuf";
import type { AuthRequirement } from "../../call/servicer-method.js";
import type { StatusName } from "../../contract/status.js";
import type { DeclaredErrorClass, ErrorMap, ErrorMapEntry } from "../../errors/error-map.js";
import type { LogFields } from "../../log/log-fields.js";
import type { RefusalClass } from "../../validate/refusal.js";
import type { Violations } from "../../validate/violation.js";
import type { ServiceConfig } from "../../wire/service-config.js";

/** What proves a method's requests, and what refuses them. */
export interface RequestValidation {
  /** What a request breaks: a generated `validateXxx`. */
  readonly check: (request: never) => Violations;
  readonly exception: RefusalClass;
  /** What that declares as its metadata. Default: all that a broken rule gives. */
  readonly keys?: readonly string[];
}

/** What a mock knows of a method beyond its messages. Times are in milliseconds. */
export interface MethodContract {
  /** The classes of the errors that the method declares. */
  readonly raises: readonly DeclaredErrorClass[];
  /** The deadline of a call that names none. */
  readonly timeoutMs?: number;
  /** The longest deadline that the server grants. */
  readonly maxTimeoutMs?: number;
  /** protobuf-es's local name of the request's field that identifies a request. */
  readonly idempotencyKey?: string;
  /** The statuses after which clients send a call again. Default: none. */
  readonly retryCodes?: readonly StatusName[];
  /** How requests are refused that break the rules of their proto. Default: they aren't checked. */
  readonly validation?: RequestValidation;
  /** What the method asks of its callers. A mock takes any bearer token for a caller who may do all. Default: nothing. */
  readonly auth?: AuthRequirement;
  /** Fields that no log, terminal or page shows, beside those with `debug_redact`: `ledger.v1.Transfer.iban`. */
  readonly redact?: readonly string[];
  /** What is logged of a request. */
  readonly log?: (request: Message) => LogFields;
}

/**
 * The contract of a service, as a mock keeps it. Generated code exports one for each service (`artifacts=contract`): `LedgerContract`.
 *
 * @typeParam Client the generated client, whose methods say what may be answered
 */
export interface ServiceContract<Client = unknown> {
  readonly service: DescService;
  readonly errors: ErrorMap;
  /** How the package's clients call: the mock's own channel retries by it. */
  readonly serviceConfig?: ServiceConfig;
  /** By protobuf-es's local names: `transfer`. */
  readonly methods: Readonly<Record<string, MethodContract>>;
  /** @internal never set: carries the client's type */
  readonly calledBy?: Client;
}

const NOTHING_SAID: MethodContract = { raises: [] };

/** A method of a contract, with what is said of it. */
export interface MockedMethodContract extends MethodContract {
  readonly desc: DescMethod;
  readonly service: ServiceContract;
  /** `ledger.v1.LedgerService/Transfer` */
  readonly path: string;
  /** The errors that it declares, by their business codes. */
  readonly errors: ReadonlyMap<string, ErrorMapEntry>;
}

/** The methods of a contract. */
export function methodsOf(contract: ServiceContract): MockedMethodContract[] {
  return contract.service.methods.map((desc) => {
    const own = Object.hasOwn(contract.methods, desc.localName) ? contract.methods[desc.localName] : undefined;
    const said = own ?? NOTHING_SAID;
    const known = [contract.errors, ...contract.errors.imports].flatMap(({ entries }) => entries);
    const errors = known.filter(({ exception }) => said.raises.includes(exception));
    return {
      ...said,
      desc,
      service: contract,
      path: `${contract.service.typeName}/${desc.name}`,
      errors: new Map(errors.map((entry) => [entry.code, entry])),
    };
  });
}

/** Whether a caller that doesn't know how a call ended may make it again: it has no side effects, is idempotent, or has a key. */
export function mayBeRepeated({ desc, idempotencyKey }: MockedMethodContract): boolean {
  return idempotencyKey !== undefined || desc.idempotency !== 0;
}

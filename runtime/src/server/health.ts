import type { CallContext } from "../call/call-context.js";
import { RefusedCall } from "../call/call-failure.js";
import {
  Health,
  type HealthCheckRequest,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../gen/grpc/health/v1/health_pb.js";
import { Status } from "../wire/status.js";
import { unawaited } from "../wire/unawaited.js";
import { type BoundService, bindService } from "./bind-service.js";

/** What a server says of its services' health. It says SERVING until it is told otherwise, or drains. */
export interface HealthRegistry {
  /**
   * Sets a service's health, by its full name: `ledger.v1.LedgerService`. The server as a whole, `""`, serves while it is
   * itself set to serve and every service does whose role is `required`.
   *
   * @throws {Error} if the server has no such service
   * @throws {TypeError} if `serving` is neither true nor false: a promise of it, say
   */
  set(service: string, serving: boolean): void;
  /** Whether a service serves; `undefined` if the server has none of that name. */
  get(service: string): boolean | undefined;
}

/** The services whose health is told: the server as a whole is always among them. */
export type HealthServices = readonly Pick<BoundService, "service" | "healthRole">[];

/** Health as `grpc.health.v1` asks for it. Once shut down, nothing serves any more, whatever it is set to. */
export class HealthTeller implements HealthRegistry {
  readonly #serving = new Map<string, boolean>([["", true]]);
  readonly #required = new Set<string>([""]);
  readonly #watchers = new Set<() => void>();
  #shutDown = false;
  #watchesEnd = false;

  constructor(services: HealthServices) {
    for (const { service, healthRole } of services) {
      this.#serving.set(service.typeName, true);
      if (healthRole === "required") {
        this.#required.add(service.typeName);
      }
    }
  }

  set(service: string, serving: boolean): void {
    const given: unknown = serving;
    if (typeof given !== "boolean") {
      unawaited(given);
      throw new TypeError(`The health of "${service}" must be true or false; it was set to a ${typeof given}`);
    }
    if (!this.#serving.has(service)) {
      const names = [...this.#serving.keys()].map((name) => `"${name}"`).join(", ");
      throw new Error(`Can't set the health of "${service}": the server has no such service. It has ${names}.`);
    }
    this.#serving.set(service, serving);
    this.#wake();
  }

  get(service: string): boolean | undefined {
    const own = this.#serving.get(service);
    if (own === undefined) {
      return undefined;
    }
    if (this.#shutDown) {
      return false;
    }
    return service === "" ? [...this.#required].every((name) => this.#serving.get(name)) : own;
  }

  /** Nothing serves any more: whoever watches is told. */
  shutDown(): void {
    this.#shutDown = true;
    this.#wake();
  }

  /** Whoever watches has its stream ended, when it was told. */
  endWatches(): void {
    this.#watchesEnd = true;
    this.#wake();
  }

  /** The service that tells. */
  bind(): BoundService {
    return bindService(Health, {
      check: { handler: (request: HealthCheckRequest) => this.#check(request) },
      list: { handler: () => ({ statuses: this.#list() }) },
      watch: { handler: (request: HealthCheckRequest, context: CallContext) => this.#watch(request, context) },
    });
  }

  #check({ service }: HealthCheckRequest): { status: ServingStatus } {
    const status = this.#status(service);
    if (status === ServingStatus.SERVICE_UNKNOWN) {
      throw new RefusedCall(Status.NOT_FOUND, `The server has no service "${service}"`);
    }
    return { status };
  }

  #list(): Record<string, { status: ServingStatus }> {
    return Object.fromEntries([...this.#serving.keys()].map((name) => [name, { status: this.#status(name) }]));
  }

  async *#watch({ service }: HealthCheckRequest, context: CallContext): AsyncGenerator<{ status: ServingStatus }> {
    let told: ServingStatus | undefined;
    while (!context.signal.aborted) {
      const status = this.#status(service);
      if (status !== told) {
        told = status;
        yield { status };
      } else if (this.#watchesEnd) {
        throw new RefusedCall(Status.UNAVAILABLE, "The server is shutting down");
      } else {
        await this.#change(context.signal);
      }
    }
  }

  #status(service: string): ServingStatus {
    switch (this.get(service)) {
      case undefined:
        return ServingStatus.SERVICE_UNKNOWN;
      case true:
        return ServingStatus.SERVING;
      default:
        return ServingStatus.NOT_SERVING;
    }
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#watchers.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#watchers.add(wake);
      signal.addEventListener("abort", wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#watchers]) {
      wake();
    }
  }
}

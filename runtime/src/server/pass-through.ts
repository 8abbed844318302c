import type { DescMethod } from "@bufbuild/protobuf";
import type { ErrorPolicy } from "../call/call-failure.js";
import { loggedMethod } from "../call/call-log.js";
import type { Logger } from "../log/logger.js";
import { normalizeStatus, Status, statusName } from "../wire/status.js";

/** With which statuses a `StatusError` leaves a service as it is. */
export type PassThrough = readonly Status[] | "all";

/**
 * The statuses that a service lets through; `undefined`: none.
 *
 * @throws {TypeError} if one of them isn't a status that an error can have
 */
export function passThroughOf(given: PassThrough | undefined, service: string): ReadonlySet<Status> | undefined {
  if (given === undefined) {
    return undefined;
  }
  const statuses: readonly Status[] = given === "all" ? Object.values(Status).filter(isError) : given;
  if (!Array.isArray(statuses) || !statuses.every(isError)) {
    throw new TypeError(
      `Can't bind ${service}: passThrough must be "all", or a list of statuses that an error can have: [Status.NOT_FOUND]`,
    );
  }
  return statuses.length === 0 ? undefined : new Set(statuses);
}

/** A service whose methods may let statuses through. */
interface PassingService {
  readonly methods: readonly { readonly desc: DescMethod; readonly fallbackErrors: ErrorPolicy }[];
}

/** Writes a warning for each method that lets statuses through: nobody should find out from its callers. */
export function warnOfPassThrough(services: readonly PassingService[], logger: Logger): void {
  for (const { desc, fallbackErrors } of services.flatMap(({ methods }) => methods)) {
    if (fallbackErrors.passThrough !== undefined) {
      const statuses = [...fallbackErrors.passThrough].map(statusName);
      logger.warn({ path: loggedMethod(desc).path, statuses }, "server.pass_through");
    }
  }
}

function isError(status: Status): boolean {
  return status !== Status.OK && normalizeStatus(status) === status;
}

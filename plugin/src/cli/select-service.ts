import { nearest } from "@accord-grpc/runtime/contract";
import { CommandError } from "./command-error.js";

/** A service's full name, and what people call it for short. */
export function namesOfService(fullName: string): string[] {
  const short = fullName.slice(fullName.lastIndexOf(".") + 1);
  return [fullName, short];
}

/**
 * Finds a service by its full name (`ledger.v1.LedgerService`) or its own (`LedgerService`), in whatever case.
 *
 * @throws CommandError if there is none, with the one that was probably meant, or if several have the name
 */
export function selectService<T>(services: readonly T[], fullNameOf: (service: T) => string, wanted: string): T {
  const named = (compare: (name: string) => boolean) =>
    services.filter((service) => namesOfService(fullNameOf(service)).some(compare));
  const exact = named((name) => name === wanted);
  const found = exact.length > 0 ? exact : named((name) => name.toLowerCase() === wanted.toLowerCase());
  const [service] = found;
  if (service === undefined) {
    const all = services.map(fullNameOf);
    const close = nearest(wanted, all.flatMap(namesOfService));
    const meant = all.find((fullName) => close !== undefined && namesOfService(fullName).includes(close));
    const hint = meant === undefined ? "" : ` Did you mean ${meant}?`;
    throw new CommandError(`There is no service "${wanted}".${hint}`, { details: listed("There are:", all) });
  }
  if (found.length > 1) {
    throw new CommandError(`Several services are called "${wanted}". Use the full name of one.`, {
      details: listed("They are:", found.map(fullNameOf)),
    });
  }
  return service;
}

/** A heading and names below it, the first twenty. */
function listed(heading: string, names: readonly string[]): string[] {
  const shown = names.slice(0, 20).map((name) => `  ${name}`);
  return [heading, ...shown, ...(names.length > 20 ? [`  … and ${names.length - 20} more`] : [])];
}

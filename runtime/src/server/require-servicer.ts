import type { DescService } from "@bufbuild/protobuf";
import { memberName } from "../contract/member-name.js";
import { nearest } from "../contract/nearest-name.js";
import { refuseIf } from "../options/check-options.js";
import { kindOf } from "../options/shown-value.js";

/**
 * Looks at a servicer before its methods are bound. Generated code calls it.
 *
 * @throws {TypeError} if it lacks methods: which of the service, what it has instead, and what writes them
 */
export function requireServicer(service: DescService, servicer: unknown): void {
  refuseIf(`Can't bind ${service.typeName}`, servicerFaults(service, servicer));
}

function servicerFaults(service: DescService, servicer: unknown): readonly string[] {
  const names = service.methods.map(({ localName }) => memberName(localName));
  if ((typeof servicer !== "object" || servicer === null) && typeof servicer !== "function") {
    return [`the servicer must be an object with the methods ${names.join(", ")}; it is ${kindOf(servicer)}`];
  }
  const given = servicer as Readonly<Record<string, unknown>>;
  return names
    .filter((name) => typeof given[name] !== "function" || isEverybodys(name, given[name]))
    .map((name) => {
      const value = isEverybodys(name, given[name]) ? undefined : given[name];
      const is = value === undefined ? "isn't there" : `is ${kindOf(value)}`;
      const meant = nearest(
        name,
        namesIn(servicer).filter((each) => !names.includes(each)),
      );
      const found = meant === undefined ? "" : `; it has ${meant}: is that what was meant?`;
      return `the servicer needs the method ${name}, and it ${is}${found}`;
    });
}

/** Whether a value is what any object has: `hasOwnProperty` answers no RPC. */
function isEverybodys(name: string, value: unknown): boolean {
  return value === (Object.prototype as Readonly<Record<string, unknown>>)[name];
}

/** The names of what can be called on a servicer, its classes' methods too. */
function namesIn(servicer: object): string[] {
  const names = new Set<string>();
  for (let each: unknown = servicer; isOwn(each); each = Object.getPrototypeOf(each)) {
    for (const name of Object.getOwnPropertyNames(each)) {
      names.add(name);
    }
  }
  names.delete("constructor");
  return [...names];
}

function isOwn(value: unknown): value is object {
  return typeof value === "object" && value !== null && value !== Object.prototype;
}

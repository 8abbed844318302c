// An object with a method `then` is a promise to whoever awaits it: an async function that returns it never settles, and calls the
// method. And `__proto__` is no property of its own, but what it inherits from.
type Unfit = "then" | "__proto__";

const UNFIT: ReadonlySet<string> = new Set<Unfit>(["then", "__proto__"]);

/** As {@link memberName}, of types. */
export type MemberName<LocalName> = LocalName extends Unfit ? `${LocalName}$` : LocalName;

/** What a method is called on servicers and clients: protobuf-es's local name, with a `$` where no object can have it. */
export function memberName(localName: string): string {
  return UNFIT.has(localName) ? `${localName}$` : localName;
}

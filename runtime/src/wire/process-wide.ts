/**
 * Something of which a process has one: the ESM and the CommonJS copy of this package both find it. What one copy has put into
 * grpc-js serves the calls of the other, too.
 *
 * @param name with the version of its shape: `currentCall.v1`
 */
export function processWide<T>(name: string, make: () => T): T {
  const holder = globalThis as { [key: symbol]: T | undefined };
  const key = Symbol.for(`accord.${name}`);
  holder[key] ??= make();
  return holder[key];
}

import fc from "fast-check";

// What a callback in plain JavaScript may answer with: whatever its type says.

const revoked = (() => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
})();

function fails(): never {
  throw new Error("looked at");
}

const allTraps = new Proxy({}, Object.fromEntries(Reflect.ownKeys(Reflect).map((trap) => [trap, fails])));

class Row {
  readonly id = 1;
}

/** Answers that a property's random ones seldom are. Each time anew: a promise that rejects can be used once. */
export function oddValues(): unknown[] {
  return [
    ...[null, undefined, false, true, "", "ada", 0, 1, Number.NaN, -0, 1n, Symbol("s"), [], [1], {}, { id: 1 }],
    ...[() => {}, async () => {}, class {}, new Row(), new Date(Number.NaN), /x/, new Map(), new Set(["write"])],
    ...[new Error("an error"), Object.create(null), new Uint8Array(3), new WeakMap(), globalThis.Math, JSON],
    ...[revoked, allTraps, new Proxy(() => {}, {}), new Proxy({ subject: 1 }, {})],
    Object.defineProperty({}, Symbol.toPrimitive, { get: fails }),
    {
      get subject() {
        return fails();
      },
    },
  ];
}

/** Promises and other thenables: what `await` makes of them is none of the caller's choosing. */
export function oddPromises(): unknown[] {
  return [
    Promise.reject(new Error("rejected")),
    Promise.reject(undefined),
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tried
    Object.defineProperty({}, "then", { get: fails }),
    // biome-ignore lint/suspicious/noThenProperty: as above
    { then: fails },
    // biome-ignore lint/suspicious/noThenProperty: as above
    { then: (_: unknown, reject: (reason: unknown) => void) => reject(revoked) },
  ].map((each) => {
    if (each instanceof Promise) {
      // Whether it is looked at is what the tests find out, by what becomes of the call.
      each.catch(() => {});
    }
    return each;
  });
}

/** Any value that fast-check can make: it looks at each itself, so those that object to it are in {@link oddValues} alone. */
export const anyValue: fc.Arbitrary<unknown> = fc.anything({
  ...{ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSet: true },
  ...{ withTypedArray: true, withSparseArray: true, withBoxedValues: true, withObjectString: true },
});

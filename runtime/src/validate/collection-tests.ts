/** Whether no two numbers of a list are equal. Not a number is equal to nothing. */
export function areUniqueNumbers(list: readonly number[]): boolean {
  // Apart from others, so that they are compared as numbers are.
  if (list.length > FEW) {
    return isUnique(list);
  }
  // A bit for each group of numbers that was there: mostly, the one before isn't to be looked for.
  let groups = 0;
  for (let i = 0; i < list.length; i++) {
    const value = list[i] as number;
    // Equal numbers are of one group, 0 and -0 too.
    const group = 1 << (value * 8);
    if ((groups & group) !== 0) {
      for (let j = 0; j < i; j++) {
        if (value === list[j]) {
          return false;
        }
      }
    }
    groups |= group;
  }
  return true;
}

/** Whether no two elements of a list are equal. */
export function isUnique(list: readonly (string | number | bigint | boolean)[]): boolean {
  if (list.length <= FEW) {
    for (let i = 1; i < list.length; i++) {
      const value = list[i];
      for (let j = 0; j < i; j++) {
        if (value === list[j]) {
          return false;
        }
      }
    }
    return true;
  }
  const seen = new Set<unknown>();
  for (const value of list) {
    // A set takes NaN for equal to itself.
    if (seen.has(value) && !Number.isNaN(value)) {
      return false;
    }
    seen.add(value);
  }
  return true;
}

/** So few are compared with one another without a set. */
const FEW = 16;

/** Whether a map has an entry. */
export function hasEntries(map: object): boolean {
  for (const _ in map) {
    return true;
  }
  return false;
}

/** How many entries a map has. */
export function entryCount(map: object): number {
  let count = 0;
  for (const _ in map) {
    count++;
  }
  return count;
}

/** Whether a message has a field that isn't zero if it is unset: protobuf-es has what stands for that on the prototype. */
export function hasOwnField(message: object, name: string): boolean {
  return Object.hasOwn(message, name) && (message as Readonly<Record<string, unknown>>)[name] !== undefined;
}

/** Whether a field mask has these paths, in their order. */
export function areSamePaths(paths: readonly string[], others: readonly string[]): boolean {
  return paths.length === others.length && paths.every((path, index) => path === others[index]);
}

/** Whether a field mask has no path but these and what is below them. */
export function isMaskWithin(paths: readonly string[], allowed: readonly string[]): boolean {
  return paths.every((path) => isBelow(path, allowed));
}

/** Whether a field mask has none of these paths and nothing that is below them. */
export function isMaskWithout(paths: readonly string[], refused: readonly string[]): boolean {
  return !paths.some((path) => isBelow(path, refused));
}

function isBelow(path: string, parents: readonly string[]): boolean {
  for (let i = 0; i < parents.length; i++) {
    const parent = parents[i] ?? "";
    if (path.startsWith(parent) && (path.length === parent.length || path[parent.length] === ".")) {
      return true;
    }
  }
  return false;
}

/**
 * Hands out identifiers for one file. The first to ask for a name gets it; the next gets it with `$`, which no name from a
 * proto has.
 */
export class UniqueNames {
  readonly #taken = new Set<string>();

  claim(name: string): string {
    let free = name;
    while (this.#taken.has(free)) {
      free += "$";
    }
    this.#taken.add(free);
    return free;
  }
}

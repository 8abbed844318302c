/** A source of random numbers that gives the same ones for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 random bits, unsigned. */
  bits(): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return (bits ^ (bits >>> 14)) >>> 0;
  }

  /** From 0 up to `limit`, which is excluded. */
  below(limit: number): number {
    return this.bits() % limit;
  }

  /** Once in `n` times. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined && items.length === 0) {
      throw new Error("Nothing to pick from");
    }
    return item as Item;
  }

  /** 64 random bits, with as many leading zeros as comes. */
  bits64(): bigint {
    const all = (BigInt(this.bits()) << 32n) | BigInt(this.bits());
    return all >> BigInt(this.below(64));
  }
}

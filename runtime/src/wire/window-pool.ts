/**
 * What all connections together may let their peers send ahead of the readers, beyond the windows that every stream has.
 *
 * A window is memory that peers may ask for: whatever nobody reads is kept. So those that are widened share a limit.
 */
export class WindowPool {
  readonly #maxBytes: number;
  readonly #claims = new Map<object, number>();
  #claimedBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How much is claimed. */
  get claimedBytes(): number {
    return this.#claimedBytes;
  }

  /** Makes an owner's claim so large, or as large as it can be. Returns how large it is now. */
  claim(owner: object, bytes: number): number {
    const before = this.#claims.get(owner) ?? 0;
    const granted = Math.max(0, Math.min(bytes, this.#maxBytes - (this.#claimedBytes - before)));
    this.#claimedBytes += granted - before;
    if (granted === 0) {
      this.#claims.delete(owner);
    } else {
      this.#claims.set(owner, granted);
    }
    return granted;
  }
}

/** Who is told that its time is over. */
export interface Expiring {
  /** It must not throw. */
  expired(): void;
}

/** A place in a {@link DeadlineWheel}. */
export interface Alarm {
  dueTick: number;
  target: Expiring | undefined;
  previous: Alarm | undefined;
  next: Alarm | undefined;
}

const TICK_MS = 2;
const SLOTS = 1024;

/**
 * Many timers for the price of one: setting and clearing is a list's insertion and removal. An alarm goes off at its time, or up
 * to two milliseconds later.
 */
export class DeadlineWheel {
  readonly #slots: (Alarm | undefined)[] = new Array(SLOTS).fill(undefined);
  readonly #startedAt = performance.now();
  #size = 0;
  #tick = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerTick = Number.POSITIVE_INFINITY;

  /** How many alarms are set. */
  get size(): number {
    return this.#size;
  }

  /** Sets an alarm. @param inMs from now */
  set(target: Expiring, inMs: number): Alarm {
    const now = performance.now() - this.#startedAt;
    if (this.#size === 0) {
      // Nothing was due since.
      this.#tick = Math.floor(now / TICK_MS);
    }
    const dueTick = Math.max(this.#tick + 1, Math.ceil((now + Math.max(0, inMs)) / TICK_MS));
    const slot = dueTick % SLOTS;
    const first = this.#slots[slot];
    const alarm: Alarm = { dueTick, target, previous: undefined, next: first };
    if (first !== undefined) {
      first.previous = alarm;
    }
    this.#slots[slot] = alarm;
    this.#size += 1;
    if (dueTick < this.#timerTick) {
      this.#wakeAt(dueTick, now);
    }
    return alarm;
  }

  /** Takes an alarm back. Does nothing if it has gone off. */
  clear(alarm: Alarm): void {
    if (alarm.target === undefined) {
      return;
    }
    alarm.target = undefined;
    const { previous, next } = alarm;
    if (previous !== undefined) {
      previous.next = next;
    } else {
      this.#slots[alarm.dueTick % SLOTS] = next;
    }
    if (next !== undefined) {
      next.previous = previous;
    }
    this.#size -= 1;
  }

  #wakeAt(tick: number, now: number): void {
    clearTimeout(this.#timer);
    this.#timerTick = tick;
    this.#timer = setTimeout(() => this.#turn(), Math.max(1, tick * TICK_MS - now));
    this.#timer.unref();
  }

  #turn(): void {
    const until = Math.floor((performance.now() - this.#startedAt) / TICK_MS);
    // After a long pause, one whole turn sees every slot.
    for (let tick = Math.max(this.#tick + 1, until - SLOTS + 1); tick <= until; tick += 1) {
      this.#ring(tick % SLOTS, until);
    }
    this.#tick = until;
    this.#timerTick = Number.POSITIVE_INFINITY;
    if (this.#size > 0) {
      this.#wakeAt(this.#nextTick(until), performance.now() - this.#startedAt);
    }
  }

  #ring(slot: number, until: number): void {
    let alarm = this.#slots[slot];
    while (alarm !== undefined) {
      const { next, target, dueTick } = alarm;
      if (dueTick <= until && target !== undefined) {
        this.clear(alarm);
        target.expired();
      }
      alarm = next;
    }
  }

  /** The next tick whose slot has alarms, be they due then or turns later. */
  #nextTick(after: number): number {
    for (let tick = after + 1; tick < after + SLOTS; tick += 1) {
      if (this.#slots[tick % SLOTS] !== undefined) {
        return tick;
      }
    }
    return after + SLOTS;
  }
}

/** The wheel of all calls of this process. */
export const deadlines: DeadlineWheel = new DeadlineWheel();

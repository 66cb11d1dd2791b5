import type { Clock } from '../../core/index.js';
import type { OwnWrite } from './own-write.js';
import { Waits } from './waits.js';

/** A write that some informers are still to show. */
interface Late {
  /** How many. */
  left: number;
  /** Lets its writer go; undefined where that does not wait. */
  readonly resolve: (() => void) | undefined;
}

/** The writes that are still to be shown, and the writers that wait for it: for a time, and then no longer. */
export class Unshown {
  readonly #onExpire: (write: OwnWrite, isWaitedFor: boolean) => void;
  // each has its place in #waits as well
  readonly #late = new Map<OwnWrite, Late>();
  readonly #waits: Waits<OwnWrite>;

  /** @param onExpire - Called for a write that was not shown in time, before its writer goes on. */
  constructor(clock: Clock, onExpire: (write: OwnWrite, isWaitedFor: boolean) => void) {
    this.#onExpire = onExpire;
    this.#waits = new Waits(clock, (write) => this.expire(write));
  }

  get size(): number {
    return this.#late.size;
  }

  /** A write is to be shown by some informers, and nobody waits for it. */
  add(write: OwnWrite, left: number): void {
    this.#put(write, { left, resolve: undefined });
  }

  /** A write is to be shown by some informers; resolves when it is, or its time is up. */
  wait(write: OwnWrite, left: number): Promise<void> {
    return new Promise((resolve) => this.#put(write, { left, resolve }));
  }

  /** A write is to be shown by more informers. */
  alsoFor(write: OwnWrite, more: number): void {
    const late = this.#late.get(write);
    if (late !== undefined) late.left += more;
  }

  /** One more of the informers shows a write. */
  shown(write: OwnWrite): void {
    const late = this.#late.get(write);
    if (late === undefined) return;
    late.left -= 1;
    if (late.left === 0) this.#end(write)?.resolve?.();
  }

  /** Gives a write up, as if its time were up. */
  expire(write: OwnWrite): void {
    const late = this.#end(write);
    if (late === undefined) return;
    this.#onExpire(write, late.resolve !== undefined);
    late.resolve?.();
  }

  /** Lets everybody go. */
  clear(): void {
    for (const write of this.#waits.clear()) this.#end(write)?.resolve?.();
  }

  #put(write: OwnWrite, late: Late): void {
    if (late.left === 0) return;
    this.#late.set(write, late);
    this.#waits.add(write);
  }

  #end(write: OwnWrite): Late | undefined {
    const late = this.#late.get(write);
    this.#late.delete(write);
    this.#waits.delete(write);
    return late;
  }
}

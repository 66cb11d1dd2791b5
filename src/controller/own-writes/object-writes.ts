import { makes } from './makes.js';
import type { OwnWrite } from './own-write.js';
import { firstOf, lastOf, revisionOf, type ToldChange } from './told-change.js';

/** A change that was told while nobody could say whether it is an echo. */
export interface HeldChange {
  readonly change: ToldChange;
  /** For which it may be an echo. */
  readonly request: string;
  readonly ask: () => void;
}

/** The writes of one controller to one object, and the changes of it that wait for their answers. */
export class ObjectWrites {
  /** Where it is kept. */
  readonly place: string;
  // in the order in which they were sent; none is over, but for those that a held change may be the echo of
  readonly #writes: OwnWrite[] = [];
  // each while a write of its request is under way
  #held: readonly HeldChange[] = NONE;

  constructor(place: string) {
    this.place = place;
  }

  /** Whether there is nothing to remember. */
  get isEmpty(): boolean {
    return this.#writes.length === 0 && this.#held.length === 0;
  }

  /** How many writes there are. */
  get size(): number {
    return this.#writes.length;
  }

  add(write: OwnWrite): void {
    this.#writes.push(write);
  }

  remove(write: OwnWrite): void {
    const index = this.#writes.indexOf(write);
    if (index >= 0) this.#writes.splice(index, 1);
  }

  /** Drops the writes that are over. */
  sweep(): void {
    if (this.#held.length > 0) return;
    for (let index = this.#writes.length - 1; index >= 0; index -= 1) {
      if (this.#writes[index]?.isOver === true) this.#writes.splice(index, 1);
    }
  }

  /** Whether a write of a request is sent and not answered. */
  isUnderWay(request: string): boolean {
    for (const { state, intent } of this.#writes) {
      if (state === 'sent' && intent.request === request) return true;
    }
    return false;
  }

  hold(change: HeldChange): void {
    this.#held = [...this.#held, change];
  }

  /** Takes out one change. */
  release(change: HeldChange): void {
    this.#held = this.#held.filter((held) => held !== change);
  }

  /** Takes out the changes that wait for a request, oldest first. */
  releaseOf(request: string): readonly HeldChange[] {
    if (this.#held.length === 0) return NONE;
    const released = this.#held.filter((held) => held.request === request);
    this.#held = this.#held.filter((held) => held.request !== request);
    return released;
  }

  /** Whether a change, of which every state is known, is the doing of one request alone. */
  isEcho(change: ToldChange, request: string): boolean {
    let state = firstOf(change);
    for (const revision of [...(change.skipped ?? NONE), revisionOf(lastOf(change))]) {
      const write = this.#find(request, revision);
      if (write === undefined || !makes(write, state)) return false;
      state = write.object;
    }
    return true;
  }

  #find(request: string, revision: string | undefined): OwnWrite | undefined {
    for (const write of this.#writes) {
      if (write.revision === revision && write.intent.request === request && write.isKnown) return write;
    }
    return undefined;
  }
}

const NONE: readonly never[] = /* @__PURE__ */ Object.freeze([]);

import { type ApiObject, IndexedHeap } from '../../core/index.js';
import type { ClusterEvent } from '../framework/index.js';
import type { Entry } from './entry.js';
import type { QueuePlace } from './inspection.js';
import type { PluginCalls } from './plugin-calls.js';
import { WakeIndex } from './wake-index.js';
import type { Objection } from './waiting-group.js';

/** The entries by the place where they are: `entry.place` says which, and nothing else of the queue writes it. */
export class Places<W extends ApiObject, H extends ApiObject> {
  /** What is tried next. */
  readonly active: IndexedHeap<Entry<W, H>>;
  /** By the end of the backoff: what was rejected. */
  readonly backoff: IndexedHeap<Entry<W, H>>;
  /** By the end of the backoff: what has failed with an error. */
  readonly errors: IndexedHeap<Entry<W, H>>;
  /** What is unschedulable, the one that has waited longest first. */
  readonly waiting: IndexedHeap<Entry<W, H>>;
  /** The same by what it waits for. */
  readonly unschedulable: WakeIndex<W, H>;
  readonly gated: WakeIndex<W, H>;
  // how many are in hand
  #inHand = 0;

  constructor(calls: PluginCalls<W, H>) {
    this.active = new IndexedHeap((a, b) => calls.isBefore(a, b));
    const ends = (a: Entry<W, H>, b: Entry<W, H>): boolean =>
      a.retryAt < b.retryAt || (a.retryAt === b.retryAt && calls.isBefore(a, b));
    this.backoff = new IndexedHeap(ends);
    this.errors = new IndexedHeap(ends);
    this.waiting = new IndexedHeap(
      (a, b) => a.failedAt < b.failedAt || (a.failedAt === b.failedAt && a.sequence < b.sequence),
    );
    this.unschedulable = new WakeIndex(calls, (plugin, workload) => calls.partOf(plugin, workload));
    this.gated = new WakeIndex(calls, (_plugin, workload) => calls.look(workload));
  }

  /** The entry that is to be popped next: those that back off have their turn where no other is active. */
  get next(): Entry<W, H> | undefined {
    return this.active.peek() ?? this.backoff.peek();
  }

  get counts(): Record<QueuePlace, number> {
    return {
      active: this.active.size,
      backoff: this.backoff.size + this.errors.size,
      unschedulable: this.waiting.size,
      gated: this.gated.size,
      'in hand': this.#inHand,
    };
  }

  /** Puts an entry, that is nowhere, where no event is waited for. */
  put(entry: Entry<W, H>, place: 'active' | 'backoff' | 'in hand'): void {
    entry.place = place;
    if (place === 'in hand') this.#inHand += 1;
    else this.#heapOf(entry).push(entry);
  }

  /** Puts an entry, that is nowhere, where it waits for an event. */
  wait(entry: Entry<W, H>, place: 'unschedulable' | 'gated', objections: readonly Objection<W, H>[]): void {
    entry.place = place;
    this[place].join(entry, objections);
    if (place === 'unschedulable') this.waiting.push(entry);
  }

  /** Takes an entry out of its place. */
  take(entry: Entry<W, H>): void {
    const { place } = entry;
    if (place === 'in hand') {
      this.#inHand -= 1;
    } else if (place === 'gated') {
      this.gated.leave(entry);
    } else if (place === 'unschedulable') {
      this.unschedulable.leave(entry);
      this.waiting.remove(entry);
    } else {
      this.#heapOf(entry).remove(entry);
    }
  }

  /** Takes out what an event can help, each lot with whether it may be tried at once. */
  takeWokenBy(event: ClusterEvent<W, H>): readonly (readonly [readonly Entry<W, H>[], boolean])[] {
    const lots: [readonly Entry<W, H>[], boolean][] = [];
    for (const [group, atOnce] of this.unschedulable.wokenBy(event)) {
      const members = this.unschedulable.takeAll(group);
      for (const entry of members) this.waiting.remove(entry);
      lots.push([members, atOnce]);
    }
    for (const [group, atOnce] of this.gated.wokenBy(event)) lots.push([this.gated.takeAll(group), atOnce]);
    return lots;
  }

  /** Puts an entry right after its workload has changed, where it does not wait for an event. */
  moved(entry: Entry<W, H>): void {
    if (entry.place === 'active' || entry.place === 'backoff') this.#heapOf(entry).update(entry);
  }

  clear(): void {
    this.active.clear();
    this.backoff.clear();
    this.errors.clear();
    this.waiting.clear();
    this.unschedulable.clear();
    this.gated.clear();
    this.#inHand = 0;
  }

  #heapOf({ place, errors }: Entry<W, H>): IndexedHeap<Entry<W, H>> {
    if (place === 'active') return this.active;
    return errors > 0 ? this.errors : this.backoff;
  }
}

import { type Clock, type HeapItem, IndexedHeap, type Timer } from '../core/index.js';
import type { Background } from './background.js';
import type { Kind } from './kind.js';
import type { Slot } from './object-table.js';
import { type Steps, wait } from './steps.js';
import type { StoredObject } from './stored-object.js';
import { lifeOf } from './time-of-life.js';
import type { WriteRule } from './write-rule.js';
import type { Writer } from './writer.js';

/** An object that will be deleted unless it changes before. */
interface Expiring extends HeapItem {
  readonly kind: Kind;
  readonly slot: Slot;
  /** Milliseconds of the clock's monotonic time. */
  readonly deadline: number;
}

/**
 * Deletes objects of kinds with a time to live, so long after their last change, in the background.
 *
 * One timer is armed, for the next object that is due, and none while there is no such object. An object that finalizers hold is
 * marked, as by any deletion.
 */
export class Expiry implements WriteRule {
  readonly #clock: Clock;
  readonly #background: Background;
  readonly #writer: () => Writer;
  readonly #queue = new IndexedHeap<Expiring>((a, b) => a.deadline < b.deadline);
  // what is in the queue, by its place in the store
  readonly #bySlot = new Map<Slot, Expiring>();
  // armed for the first in the queue, or for a moment before that
  #timer: Timer | undefined;
  #due = Number.POSITIVE_INFINITY;

  constructor(options: {
    readonly clock: Clock;
    readonly background: Background;
    readonly writer: () => Writer;
  }) {
    this.#clock = options.clock;
    this.#background = options.background;
    this.#writer = options.writer;
  }

  afterWrite(kind: Kind, _previous: StoredObject | undefined, object: StoredObject): void {
    if (kind.resource.ttl === undefined) return;
    const { name, namespace = '', deletionTimestamp } = object.metadata;
    const slot = kind.table.get(namespace, name);
    if (slot === undefined) return;
    this.#forget(slot);
    const life = lifeOf(kind.resource, object);
    if (life === undefined || deletionTimestamp !== undefined) return;
    const expiring = { kind, slot, deadline: this.#clock.monotonic() + life, position: -1 };
    this.#queue.push(expiring);
    this.#bySlot.set(slot, expiring);
    this.#arm();
  }

  afterDelete(kind: Kind, _object: StoredObject, slot: Slot): void {
    if (kind.resource.ttl !== undefined) this.#forget(slot);
  }

  close(): void {
    this.#queue.clear();
    this.#bySlot.clear();
    this.#disarm();
  }

  #forget(slot: Slot): void {
    const expiring = this.#bySlot.get(slot);
    if (expiring === undefined) return;
    this.#bySlot.delete(slot);
    this.#queue.remove(expiring);
    if (this.#queue.size === 0) this.#disarm();
  }

  #arm(): void {
    const next = this.#queue.peek();
    if (next === undefined || this.#due <= next.deadline) return;
    this.#disarm();
    this.#due = next.deadline;
    this.#timer = this.#clock.setTimer(next.deadline - this.#clock.monotonic(), this.#expire, {
      keepAlive: false,
    });
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#due = Number.POSITIVE_INFINITY;
  }

  readonly #expire = (): void => {
    this.#timer = undefined;
    this.#due = Number.POSITIVE_INFINITY;
    const now = this.#clock.monotonic();
    for (
      let next = this.#queue.peek();
      next !== undefined && next.deadline <= now;
      next = this.#queue.peek()
    ) {
      const { kind, slot } = next;
      this.#forget(slot);
      const { uid, resourceVersion } = slot.object.metadata;
      this.#background.add(() => this.#delete(kind, slot, { uid, resourceVersion }));
    }
    this.#arm();
  };

  /** The precondition fails where it went, or changed and lives anew. */
  *#delete(
    kind: Kind,
    slot: Slot,
    preconditions: { readonly uid: string; readonly resourceVersion: string },
  ): Steps<void> {
    yield* wait(
      this.#writer().write({ verb: 'delete' }, (registry) =>
        registry.delete(kind.resource, slot.object.metadata, { preconditions }),
      ),
    );
  }
}

import { type Clock, formatKey, type ObjectKey, type Owned } from '../../core/index.js';
import type { AnyResource } from '../../resources/index.js';
import { type HeldChange, ObjectWrites } from './object-writes.js';
import type { OwnWrite } from './own-write.js';
import { lastOf, mayBeEcho, type ToldChange } from './told-change.js';
import { Waits } from './waits.js';

/** How many writes are remembered until they are told; what the oldest makes beyond is taken for a change of somebody else. */
const MOST = 10_000;

/** A request, by the text of which it is told from others. */
export interface Texted {
  readonly text: string;
}

/** A held change, and where it is held. */
interface Hold extends HeldChange {
  readonly resource: AnyResource;
  at: ObjectWrites | undefined;
}

/** Which of the changes that informers tell of are the doing of a request itself, and need not be told to it. */
export class Echoes {
  readonly #onDrop: (write: OwnWrite) => void;
  // by kind and key; none is empty. Creations of objects that the server is to name stand under the key ''
  readonly #objects = new Map<string, ObjectWrites>();
  // where each write stands in #objects: those under way, and those that are to be told; oldest first
  readonly #writes = new Map<OwnWrite, ObjectWrites>();
  // every change that an ObjectWrites holds
  readonly #held: Waits<Hold>;

  /** @param onDrop - Called for a write that is not remembered any longer, as there are too many. */
  constructor(clock: Clock, onDrop: (write: OwnWrite) => void) {
    this.#onDrop = onDrop;
    this.#held = new Waits(clock, (hold) => {
      hold.at?.release(hold);
      hold.ask();
    });
  }

  /** How many changes wait for the answer of a write. */
  get undecided(): number {
    return this.#held.size;
  }

  /** How many writes are remembered: under way, and answered but not told. */
  get size(): number {
    return this.#writes.size;
  }

  /** A write is sent. */
  sent(write: OwnWrite): void {
    this.#put(write, placeOf(write.intent.resource, write.intent.key));
    if (this.#writes.size > MOST) this.#dropOldest();
  }

  /** Whether other writes to the object of one that is under way are remembered. */
  hasOthers(write: OwnWrite): boolean {
    return write.intent.key !== undefined && (this.#writes.get(write)?.size ?? 0) > 1;
  }

  /** A write is not under way any more: decides what waits for it. */
  ended(write: OwnWrite): void {
    const { resource, key, request } = write.intent;
    const object = this.#writes.get(write);
    if (object === undefined) return;
    if (key === undefined && write.makesEcho) {
      // the server has named the object
      object.remove(write);
      this.#put(write, placeOf(resource, write.key));
    }
    if (!object.isUnderWay(request)) {
      for (const held of object.releaseOf(request) as readonly Hold[]) {
        this.#held.delete(held);
        this.#judge(held);
      }
    }
    if (write.isOver) this.#writes.delete(write);
    this.#sweep(object);
  }

  /** A write is over: nothing more is told of it. */
  over(write: OwnWrite): void {
    const object = this.#writes.get(write);
    if (object === undefined) return;
    this.#writes.delete(write);
    this.#sweep(object);
  }

  /** A change is told: asks each request that did not make it, now or once that is known. */
  told<R extends Texted>(
    resource: AnyResource,
    change: ToldChange,
    requests: readonly R[],
    ask: (request: R) => void,
  ): void {
    const isForeign = this.#objects.size === 0 || !mayBeEcho(change);
    for (const request of requests) {
      if (isForeign) ask(request);
      else this.#judge({ resource, change, request: request.text, ask: () => ask(request), at: undefined });
    }
  }

  /** Forgets everything: what is held is asked for. */
  clear(): void {
    this.#objects.clear();
    this.#writes.clear();
    for (const { ask } of this.#held.clear()) ask();
  }

  #judge(hold: Hold): void {
    const { resource, change, request } = hold;
    const object = this.#objects.get(placeOf(resource, keyOf(lastOf(change))));
    const unnamed = change.type === 'add' ? this.#objects.get(placeOf(resource, undefined)) : undefined;
    hold.at = [object, unnamed].find((writes) => writes?.isUnderWay(request));
    if (hold.at !== undefined) {
      hold.at.hold(hold);
      this.#held.add(hold);
    } else if (object?.isEcho(change, request) !== true) {
      hold.ask();
    }
  }

  #put(write: OwnWrite, place: string): void {
    let object = this.#objects.get(place);
    if (object === undefined) {
      object = new ObjectWrites(place);
      this.#objects.set(place, object);
    }
    object.add(write);
    this.#writes.set(write, object);
  }

  #dropOldest(): void {
    for (const write of this.#writes.keys()) {
      // one that is under way is not known yet
      if (!write.makesEcho) continue;
      write.forget();
      this.over(write);
      this.#onDrop(write);
      return;
    }
  }

  #sweep(object: ObjectWrites): void {
    object.sweep();
    if (object.isEmpty) this.#objects.delete(object.place);
  }
}

/** All versions of a kind have the same objects. */
function placeOf({ group, kind }: AnyResource, key: ObjectKey | undefined): string {
  return `${group}/${kind}/${key === undefined ? '' : formatKey(key)}`;
}

function keyOf(object: Owned | undefined): ObjectKey | undefined {
  const { name, namespace } = object?.metadata ?? {};
  return name === undefined ? undefined : { name, namespace };
}

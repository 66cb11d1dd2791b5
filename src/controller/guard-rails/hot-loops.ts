import { type Clock, formatKey, LruMap, type ObjectKey, type ObjectMeta } from '../../core/index.js';
import type { AnyResource } from '../../resources/index.js';
import { HotLoop } from './hot-loop.js';
import { LOOP_WINDOW, LOOP_WRITES } from './write-series.js';
import { WrittenObject } from './written-object.js';

/** How many objects are remembered unless told otherwise. */
const REMEMBERED = 1_000;

/** A write of a controller that the server answered. */
export interface ObservedWrite {
  readonly controller: string;
  readonly resource: AnyResource;
  readonly key: ObjectKey;
  /** The store of the object, where there are several. */
  readonly store?: string | undefined;
  /** The object as the writer's cache had it when it wrote; undefined where it had none. */
  readonly before: object | undefined;
  /** What the server answered with. */
  readonly after: object;
}

/**
 * Finds controllers that change the same fields of the same object again and again: 10 times within 10 seconds.
 *
 * Such a field goes back and forth between values, because somebody else or the server's defaults put it back each time, or it gets
 * ever new values, such as a timestamp in a status. Steady progress that is written down ten times in ten seconds looks the same.
 *
 * - A write that changed nothing does not count, and neither does a creation. Metadata that the server writes is not compared.
 * - What one controller writes is not put down to another, as far as both are told of here.
 * - Writes are counted first. Every tenth of an object that come within ten seconds are compared, and no others are.
 * - A field of an object is told of once, until it was quiet for a minute.
 * - States are kept as they are, never copied, so they must not change. What was not written for longest is forgotten.
 */
export class HotLoops {
  readonly #clock: Clock;
  // an object that was not written for a while may be missing
  readonly #objects: LruMap<WrittenObject>;
  // when those that are over were forgotten last
  #swept = Number.NEGATIVE_INFINITY;

  /** @param options.most - How many objects are remembered; 1,000 unless given. */
  constructor(options: { readonly clock: Clock; readonly most?: number | undefined }) {
    this.#clock = options.clock;
    this.#objects = new LruMap(options.most ?? REMEMBERED);
  }

  /** Takes note of a write, and answers with the loop that it is part of, unless that was told before. */
  observe(write: ObservedWrite): HotLoop | undefined {
    const { controller, resource, key, store, before, after } = write;
    if (!isStateOf(resource, after)) return undefined;
    const at = this.#clock.monotonic();
    this.#sweep(at);
    const { apiVersion, kind } = resource;
    // names have no blanks, except perhaps that of the store, which is the last
    const name = `${apiVersion} ${kind} ${formatKey(key)} ${store ?? ''}`;
    let object = this.#objects.get(name);
    if (object === undefined) {
      object = new WrittenObject(name);
      this.#objects.set(name, object);
    }
    const found = object.observe(controller, before, after, at);
    if (found === undefined) return undefined;
    return new HotLoop({ controller, apiVersion, kind, key, store, writes: LOOP_WRITES, ...found });
  }

  /** Forgets what is over, so that old states are not kept; looks only now and then. */
  #sweep(at: number): void {
    if (at - this.#swept < LOOP_WINDOW) return;
    this.#swept = at;
    for (const object of this.#objects.values())
      if (object.isOver(at)) this.#objects.delete(object.key, object);
  }
}

/** Whether an answer is a state of an object, and not what a subresource has of its own, such as a Scale. */
function isStateOf(resource: AnyResource, answer: object): boolean {
  const { kind, metadata } = answer as { readonly kind?: string; readonly metadata?: Partial<ObjectMeta> };
  return kind === resource.kind && metadata?.uid !== undefined && metadata.resourceVersion !== undefined;
}

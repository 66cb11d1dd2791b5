import type { Reason } from '../reason.js';
import type { QueuedRequest } from '../request.js';

/** So many reasons are kept for each. */
const MOST_REASONS = 8;

interface Parking {
  readonly request: QueuedRequest;
  readonly reasons: readonly Reason[];
}

/** The requests that wait until this process has the right to work on them, by shard; each once. */
export class Parked {
  // no map is empty
  readonly #shards = new Map<number, Map<string, Parking>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The reasons of a request that is here already come first. */
  add(shard: number, request: QueuedRequest, reasons: readonly Reason[]): void {
    let waiting = this.#shards.get(shard);
    if (waiting === undefined) {
      waiting = new Map();
      this.#shards.set(shard, waiting);
    }
    const before = waiting.get(request.text);
    if (before === undefined) this.#size += 1;
    const all = before === undefined ? reasons : [...before.reasons, ...reasons].slice(0, MOST_REASONS);
    waiting.set(request.text, { request, reasons: all });
  }

  /** Drops those whose objects are gone: only whoever leads meanwhile can have seen them. */
  dropGone(isGone: (request: QueuedRequest) => boolean): void {
    for (const [shard, waiting] of this.#shards) {
      for (const { request } of waiting.values()) {
        if (isGone(request) && waiting.delete(request.text)) this.#size -= 1;
      }
      if (waiting.size === 0) this.#shards.delete(shard);
    }
  }

  /** Takes out all of a shard, in the order in which they came. */
  take(shard: number): Iterable<Parking> {
    const waiting = this.#shards.get(shard);
    if (waiting === undefined) return [];
    this.#shards.delete(shard);
    this.#size -= waiting.size;
    return waiting.values();
  }
}

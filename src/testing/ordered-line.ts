import type { Lane } from '../core/index.js';
import type { Network } from './network.js';

/** Something that waits in an {@link OrderedLine}. */
export interface LineItem {
  /** Does what the item is about; then, or when it is dropped instead, `onGone` is told. */
  readonly task: () => void;
  /** False while it must not go yet. */
  isDue: boolean;
  /** True while something else than the network keeps it. */
  isKept: boolean;
  onGone: (() => void) | undefined;
}

/** Messages that never overtake each other: one that is not due yet keeps those behind it. */
export class OrderedLine {
  readonly #network: Network;
  readonly #lane: Lane;
  // what has not gone yet, in order
  #items: LineItem[] = [];

  constructor(network: Network, lane: Lane) {
    this.#network = network;
    this.#lane = lane;
  }

  /** Sends a message of an operation behind all others. */
  add(operation: string, task: () => void): LineItem {
    const item: LineItem = { task, isDue: false, isKept: false, onGone: undefined };
    this.#items.push(item);
    this.#network.send(this.#lane, operation, () => {
      item.isDue = true;
      this.#run();
    });
    return item;
  }

  /** Lets go of an item that was kept, when all that has the answer had time to see it. */
  release(item: LineItem): void {
    if (!item.isKept) return;
    this.#network.later(this.#lane, () => {
      item.isKept = false;
      this.#run();
    });
  }

  /** Drops everything that has not gone. */
  clear(): void {
    const dropped = this.#items;
    this.#items = [];
    for (const item of dropped) item.onGone?.();
  }

  #run(): void {
    for (;;) {
      const [item] = this.#items;
      if (item === undefined || !item.isDue || item.isKept) return;
      if (this.#network.isPaused) {
        this.#network.whenRunning(this.#lane, () => this.#run());
        return;
      }
      this.#items.shift();
      item.task();
      item.onGone?.();
    }
  }
}

import type { Executor, Lane, SeededRandom } from '../../src/index.js';

/** Hands over in any order that the rules of {@link Executor} allow: one task at a time, of a lane that chance picks. */
export class ShuffledExecutor implements Executor {
  readonly #random: SeededRandom;
  // no list is empty; while there are any, a step is under way
  readonly #lanes = new Map<Lane, (() => void)[]>();
  /** The kinds of lanes that were used. */
  readonly kinds = new Set<Lane['kind']>();

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** Whether nothing waits to be handed over. */
  get isIdle(): boolean {
    return this.#lanes.size === 0;
  }

  execute(lane: Lane, task: () => void): void {
    this.kinds.add(lane.kind);
    const tasks = this.#lanes.get(lane);
    if (tasks !== undefined) {
      tasks.push(task);
      return;
    }
    this.#lanes.set(lane, [task]);
    if (this.#lanes.size === 1) setImmediate(this.#step);
  }

  answer<T>(lane: Lane, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      try {
        const result = work();
        this.execute(lane, () => resolve(result));
      } catch (error) {
        this.execute(lane, () => reject(error));
      }
    });
  }

  readonly #step = (): void => {
    const lanes = [...this.#lanes.entries()];
    const chosen = lanes[this.#random.integer(lanes.length)];
    if (chosen === undefined) return;
    const [lane, tasks] = chosen;
    const task = tasks.shift();
    if (tasks.length === 0) this.#lanes.delete(lane);
    const wasLast = this.#lanes.size === 0;
    task?.();
    // a task that was scheduled into an empty executor has set the next step going
    if (!wasLast) setImmediate(this.#step);
  };
}

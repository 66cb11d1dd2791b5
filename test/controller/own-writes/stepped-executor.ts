import type { Executor, Lane } from '../../../src/core/index.js';

/** Hands over nothing unless it is told to: one task at a time, of the lane that the test picks. */
export class SteppedExecutor implements Executor {
  // no list is empty
  readonly #lanes = new Map<Lane, (() => void)[]>();

  get isIdle(): boolean {
    return this.#lanes.size === 0;
  }

  execute(lane: Lane, task: () => void): void {
    const tasks = this.#lanes.get(lane);
    if (tasks === undefined) this.#lanes.set(lane, [task]);
    else tasks.push(task);
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

  /** Runs the next task of a lane, and all that follows from it by itself. */
  async step(choice: number): Promise<void> {
    const lanes = [...this.#lanes];
    const chosen = lanes[choice % Math.max(1, lanes.length)];
    if (chosen !== undefined) {
      const [lane, tasks] = chosen;
      const task = tasks.shift();
      if (tasks.length === 0) this.#lanes.delete(lane);
      task?.();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Runs tasks until there is none. */
  async drain(): Promise<void> {
    await this.step(0);
    while (!this.isIdle) await this.step(0);
  }
}

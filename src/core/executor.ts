import { Ring } from './ring.js';

/**
 * A line of hand-overs that keep their order among themselves, such as the deliveries of one watch.
 *
 * Tasks of different lanes may run in any order: a simulation chooses it. Make one lane for each owner, once.
 */
export interface Lane {
  /** What is handed over here. */
  readonly kind: 'watch' | 'handler' | 'worker' | 'answer' | 'background';
  /** Whose lane it is, for traces. */
  readonly name: string;
}

/**
 * The port through which every hand-over between two parts of the library passes.
 *
 * Rules: a task never runs in the stack of the caller that scheduled it; tasks of one lane run in the order in which they were
 * scheduled; a task must not throw.
 */
export interface Executor {
  /** Runs `task` later, behind all earlier tasks of the lane. */
  execute(lane: Lane, task: () => void): void;
  /**
   * Runs `work` at once, in the caller's stack, and hands its result to the caller as a promise.
   *
   * An error that `work` throws rejects the promise. An implementation may delay the answer, never the work.
   */
  answer<T>(lane: Lane, work: () => T): Promise<T>;
  /**
   * Resolves after timers and input of the process have had their turn; absent where there is nothing to wait for.
   *
   * For loops that may go on for ever without it, as hand-overs alone would keep the process from everything else.
   */
  breathe?(): Promise<void>;
}

// to go on from a promise that is kept costs a third of what queueMicrotask does, which makes a resource of async_hooks for each task
const settled = /* @__PURE__ */ Promise.resolve();

// the tasks that wait, each with a microtask of its own: one function for all of them costs a closure less a task
const tasks = /* @__PURE__ */ new Ring<() => void>();

/** The executor of production: one microtask a hand-over, in the order of scheduling. */
export const microtaskExecutor: Executor = /* @__PURE__ */ Object.freeze({
  execute(_lane: Lane, task: () => void): void {
    tasks.push(task);
    void settled.then(runNext);
  },
  answer<T>(_lane: Lane, work: () => T): Promise<T> {
    try {
      return Promise.resolve(work());
    } catch (error) {
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- what `work` threw is passed on as it is
      return Promise.reject(error);
    }
  },
  breathe(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(resolve);
    });
  },
});

/** Runs a task; what it throws, which it must not, is an uncaught error of the process, and no rejection that somebody may overlook. */
function runNext(): void {
  try {
    tasks.shift()?.();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

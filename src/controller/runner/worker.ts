import type { Executor, Lane } from '../../core/index.js';
import type { WorkQueue } from '../../workqueue/index.js';
import type { Reason } from '../reason.js';
import type { QueuedRequest } from '../request.js';

/** What a {@link Worker} is made from. */
interface WorkerOptions {
  readonly queue: WorkQueue<QueuedRequest, Reason>;
  readonly executor: Executor;
  readonly lane: Lane;
  /** Whether what is left in the queue is dropped. */
  readonly isStopping: () => boolean;
  /** Whether timers and input of the process are to have their turn before it goes on. */
  readonly needsBreath: () => boolean;
  /** Works on a request, and calls `done` once in the end; must not throw. */
  readonly work: (request: QueuedRequest, done: () => void) => void;
  /** Told whenever a request is done with; must not throw. */
  readonly onDone: () => void;
}

/**
 * Takes requests out of a queue and works on them, one after another; each is handed over by the executor.
 *
 * It makes no promise while there is work: promises would cost more than a small reconcile.
 */
export class Worker {
  readonly #options: WorkerOptions;
  // what it is at; means nothing while it waits for the queue
  #request: QueuedRequest | undefined;
  // resolves what run() has promised
  #end: () => void = () => undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Resolves when the queue is shut down and has nothing left. */
  run(): Promise<void> {
    return new Promise((resolve) => {
      this.#end = resolve;
      this.#next();
    });
  }

  #next(): void {
    const { queue } = this.#options;
    const request = queue.tryGet();
    if (request === undefined) void queue.get().then(this.#take);
    else this.#take(request);
  }

  readonly #take = (got: QueuedRequest | undefined): void => {
    const { queue, isStopping, needsBreath, executor } = this.#options;
    let request = got;
    // what is left is handed out and dropped, so that the queue ends empty
    for (; request !== undefined && isStopping(); request = queue.tryGet()) queue.done(request);
    if (request === undefined) {
      this.#end();
      return;
    }
    this.#request = request;
    if (executor.breathe !== undefined && needsBreath()) void executor.breathe().then(this.#handOver);
    else this.#handOver();
  };

  readonly #handOver = (): void => {
    const { executor, lane } = this.#options;
    executor.execute(lane, this.#work);
  };

  readonly #work = (): void => this.#options.work(this.#request as QueuedRequest, this.#done);

  readonly #done = (): void => {
    const { queue, onDone } = this.#options;
    queue.done(this.#request as QueuedRequest);
    onDone();
    this.#next();
  };
}

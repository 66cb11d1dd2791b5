import type { Client } from '../../client/index.js';
import { type Logger, preview } from '../../core/index.js';
import { checkRunnable } from './manager-options.js';
import type { Rights } from './rights.js';
import type { Runnable } from './runnable.js';
import { RunnableRun } from './runnable-run.js';

/** What {@link RunnableRuns} are made from. */
interface RunnableRunsOptions {
  readonly client: Client;
  readonly logger: Logger;
  /** Told of a runnable that failed. */
  readonly fail: (what: string, error: unknown) => void;
}

/** The runnables of a manager. */
export class RunnableRuns {
  readonly #options: RunnableRunsOptions;
  // by the name of the runnable
  readonly #runs = new Map<string, RunnableRun>();

  constructor(options: RunnableRunsOptions) {
    this.#options = options;
  }

  /** @throws TypeError for a name that is taken, and what is no runnable. */
  join(runnable: Runnable): void {
    checkRunnable(runnable);
    const { name } = runnable;
    if (this.#runs.has(name)) {
      throw new TypeError(
        `Manager: runnables: expected one runnable of a name, got two named ${preview(name)}`,
      );
    }
    const { client, logger, fail } = this.#options;
    const onError = (error: unknown): void => fail(`the runnable ${name}`, error);
    this.#runs.set(name, new RunnableRun(runnable, { client, logger, onError }));
  }

  /** Lets all run while there is a duty. @param common - Of those who need leadership; @param always - of the others. */
  start(common: Rights, always: Rights): void {
    for (const run of this.#runs.values()) (run.runnable.leaderElection === false ? always : common).add(run);
  }
}

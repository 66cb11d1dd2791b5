import type { Client } from '../../client/index.js';
import { type Logger, withFields } from '../../core/index.js';
import type { Duty } from '../runner/duty.js';
import type { DutyHolder } from './duty-holder.js';
import type { Runnable } from './runnable.js';

/** Runs one runnable, once for each duty. */
export class RunnableRun implements DutyHolder {
  readonly runnable: Runnable;
  readonly #client: Client;
  readonly #log: Logger;
  readonly #onError: (error: unknown) => void;
  // what runs for a duty; never rejects
  readonly #running = new Map<Duty, Promise<void>>();

  /** @param onError - Told of what it throws, unless it was told to stop. */
  constructor(
    runnable: Runnable,
    options: { readonly client: Client; readonly logger: Logger; readonly onError: (error: unknown) => void },
  ) {
    this.runnable = runnable;
    this.#client = options.client;
    this.#log = withFields(options.logger, { runnable: runnable.name });
    this.#onError = options.onError;
  }

  begin(duty: Duty): void {
    if (duty.shard === 0) this.#running.set(duty, this.#run(duty));
  }

  async end(duty: Duty, patience: number): Promise<void> {
    const running = this.#running.get(duty);
    if (running === undefined) return;
    this.#running.delete(duty);
    await new Promise<void>((resolve) => {
      const timer = this.#client.clock.setTimer(patience, () => {
        this.#log.warn({}, 'the runnable did not end when it was told to, and is left to itself');
        resolve();
      });
      void running.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  async #run({ signal, fence }: Duty): Promise<void> {
    try {
      await this.runnable.run({ client: fence(this.#client), log: this.#log, signal });
    } catch (error) {
      if (signal.aborted) this.#log.info({ error }, 'the runnable ended');
      else this.#onError(error);
    }
  }
}

import type { Client } from '../../client/index.js';
import type { Logger } from '../../core/index.js';
import type { WatchedSource } from '../controller.js';
import type { Reason } from '../reason.js';
import type { QueuedRequest, RequestTarget } from '../request.js';
import { SourceRun } from '../sources/index.js';
import { requestOf } from './change-requests.js';

/** What {@link SourceRuns} are made from. */
interface SourceRunsOptions {
  readonly client: Client;
  readonly log: Logger;
  /** Aborts when the sources are to end. */
  readonly signal: AbortSignal;
  readonly ask: (request: QueuedRequest, reason: Reason) => void;
}

/** The sources of a controller at work, whose code is not ours: none of them disturbs the controller, or its end. */
export class SourceRuns {
  readonly #options: SourceRunsOptions;
  // one for each source, from the start on; each resolves when it has ended, and none rejects
  #running: readonly Promise<void>[] = [];

  constructor(options: SourceRunsOptions) {
    this.#options = options;
  }

  start(sources: readonly WatchedSource[]): void {
    this.#running = sources.map((source) => this.#run(source));
  }

  /** Waits until all have ended, for so many milliseconds at most; the signal has aborted before. */
  async ended(patience: number): Promise<void> {
    if (this.#running.length === 0) return;
    const { client, log } = this.#options;
    await new Promise<void>((resolve) => {
      const timer = client.clock.setTimer(patience, () => {
        log.warn({}, 'a source did not end when it was told to, and is left to itself');
        resolve();
      });
      void Promise.all(this.#running).then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  #run({ name, source, targets }: WatchedSource): Promise<void> {
    const { client, log, signal } = this.#options;
    const ask = (target: RequestTarget, reason: Reason): void => {
      try {
        this.#options.ask(requestOf(target, undefined), reason);
      } catch (error) {
        log.error({ error, source: name }, 'an item of the source names what is no key');
      }
    };
    const run = new SourceRun({ source, name, keys: targets, ask, signal, client, log });
    return run.run().catch((error: unknown) => {
      log.error({ error, source: name }, 'the source failed as it was left');
    });
  }
}

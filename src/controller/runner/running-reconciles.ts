import type { Clock } from '../../core/index.js';
import type { ReconcileRun } from './reconcile-run.js';

/** The reconciles of a controller that run. */
export class RunningReconciles {
  readonly #clock: Clock;
  // in no order: there are no more than workers, mostly one, for which a set would be made anew with every reconcile
  readonly #runs: ReconcileRun[] = [];
  // those who wait until a reconcile has ended
  #waiting: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  began(run: ReconcileRun): void {
    this.#runs.push(run);
  }

  /** What follows from the end of a reconcile has happened. */
  ended(run: ReconcileRun): void {
    const last = this.#runs.pop() as ReconcileRun;
    if (last !== run) this.#runs[this.#runs.indexOf(run)] = last;
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /**
   * Tells some of them to stop, and resolves when they have ended.
   *
   * @param patience - In milliseconds; those that run after that are cut off.
   */
  async end(concerned: (run: ReconcileRun) => boolean, patience: number): Promise<void> {
    const running = (): ReconcileRun[] => this.#runs.filter((run) => concerned(run));
    for (const run of running()) run.interrupt(run.subject.duty.signal.reason);
    const timer = this.#clock.setTimer(patience, () => {
      for (const run of running()) {
        run.log.warn(
          { reasons: run.reasons },
          'the reconcile did not end when it was told to, and is cut off',
        );
        run.cut(run.subject.duty.signal.reason);
      }
    });
    while (running().length > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    timer.cancel();
  }
}

import type { WorkQueue } from '../../workqueue/index.js';
import type { Reason } from '../reason.js';
import type { QueuedRequest } from '../request.js';
import type { Fate } from './fate.js';
import type { ReconcileRun } from './reconcile-run.js';
import type { Settlement } from './settlement.js';

/** In milliseconds: a reconciler that wishes to be called again at once, and for ever, leaves time for the rest of the process. */
const SHORTEST_REQUEUE = 1;

/** What follows from the end of a reconcile: whether its request is done with, and when it is tried again if not. */
export class Aftermath {
  readonly #queue: WorkQueue<QueuedRequest, Reason>;
  readonly #settlement: Settlement;
  readonly #park: (request: QueuedRequest, reasons: readonly Reason[]) => void;

  /** @param park - Puts a request aside that this process may not work on any more. */
  constructor(
    queue: WorkQueue<QueuedRequest, Reason>,
    settlement: Settlement,
    park: (request: QueuedRequest, reasons: readonly Reason[]) => void,
  ) {
    this.#queue = queue;
    this.#settlement = settlement;
    this.#park = park;
  }

  of(run: ReconcileRun, fate: Fate): void {
    const { request } = run.subject;
    switch (fate.outcome) {
      case 'success':
        this.drop(request);
        return;
      case 'requeue_after':
        this.drop(request);
        this.#queue.addAfter(request, Math.max(SHORTEST_REQUEUE, fate.requeueAfter), {
          reason: { type: 'requeueAfter' },
        });
        return;
      case 'terminal':
        this.drop(request);
        run.log.error({ error: fate.error }, 'the reconcile failed for good');
        return;
      case 'interrupted':
        this.#park(request, [{ type: 'interrupted' }]);
        run.log.info({ reason: fate.error }, 'the reconcile was interrupted');
        return;
      default:
        this.#settlement.failed(request.text, fate.error);
        this.#queue.addRateLimited(request, { reason: { type: 'retry' } });
        run.log.error({ error: fate.error }, 'the reconcile failed and will be tried again');
    }
  }

  /** The request needs no further try: what was wished for it earlier counts no more. */
  drop(request: QueuedRequest): void {
    this.#queue.forget(request);
    this.#queue.cancelDelay(request);
    this.#settlement.cleared(request.text);
  }
}

import type { ApiObject } from '../../../core/index.js';
import type { WorkloadInfo } from '../../framework/index.js';
import type { GangBook } from '../../gangs/index.js';
import type { SchedulingQueue } from '../../queue/index.js';

/** The group of a workload has become ready: those of its members that wait may be tried. */
export function activateGroup<W extends ApiObject, H extends ApiObject>(
  workload: WorkloadInfo<W>,
  book: GangBook<W>,
  queue: SchedulingQueue<W, H>,
): void {
  const group = book.groupOf(workload);
  if (group !== undefined) queue.activate(book.waiting(group).map(({ key }) => key));
}

import type { ApiObject, Clock } from '../../core/index.js';
import type { Entry } from './entry.js';
import type { InspectedWorkload, QueuePlace } from './inspection.js';

/** What is known of an entry. */
export function inspectionOf<W extends ApiObject, H extends ApiObject>(
  { workload, place, addedAt, since, attempts, errors, failedAt, retryAt, group }: Entry<W, H>,
  clock: Clock,
  flushAfter: number,
): InspectedWorkload<W> {
  const now = clock.monotonic();
  // what turns a time of the monotonic clock into one since 1970
  const offset = clock.now() - now;
  const objections = group?.objections ?? [];
  return {
    workload,
    place,
    addedAt,
    since,
    attempts,
    rejectedBy: objections.filter(({ pending }) => !pending).map(({ plugin }) => plugin.name),
    pendingPlugins: objections.filter(({ pending }) => pending).map(({ plugin }) => plugin.name),
    error: errors > 0,
    backoffUntil: retryAt > now ? retryAt + offset : undefined,
    flushAt: place === 'unschedulable' ? failedAt + flushAfter + offset : undefined,
  };
}

/** When the oldest entry in each place was added. */
export function oldestOf<W extends ApiObject, H extends ApiObject>(
  entries: Iterable<Entry<W, H>>,
): ReadonlyMap<QueuePlace, number> {
  const oldest = new Map<QueuePlace, number>();
  for (const { place, addedAt } of entries) {
    oldest.set(place, Math.min(addedAt, oldest.get(place) ?? addedAt));
  }
  return oldest;
}

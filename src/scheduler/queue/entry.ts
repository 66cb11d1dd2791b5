import type { ApiObject, HeapItem } from '../../core/index.js';
import type { Queued, WorkloadInfo } from '../framework/index.js';
import type { QueuePlace } from './inspection.js';
import type { GroupMember, WaitingGroup } from './waiting-group.js';

/** A workload that the queue knows. There may be a million of them: what many have in common is in their group. */
export class Entry<W extends ApiObject, H extends ApiObject> implements Queued<W>, HeapItem, GroupMember<W> {
  workload: WorkloadInfo<W>;
  /** When it was added, in milliseconds since 1970. */
  readonly addedAt: number;
  /** When it was added, or failed last: in milliseconds since 1970. */
  since: number;
  /** Tells apart what is otherwise equal: given anew whenever `since` is. */
  sequence: number;
  place: QueuePlace = 'active';
  /** How often it was popped. */
  attempts = 0;
  /** How often it was rejected. */
  rejections = 0;
  /** How often in a row it has failed with an error until now. */
  errors = 0;
  /** When it failed last, in milliseconds of the monotonic clock; means nothing before. */
  failedAt = 0;
  /** When its backoff ends, in milliseconds of the monotonic clock. */
  retryAt = 0;
  /** Why it waits, or waited last; undefined where it never did, or failed with an error since. */
  group: WaitingGroup<W, H, Entry<W, H>> | undefined = undefined;
  // belongs to the group; -1 where it does not wait
  seat = -1;
  // belongs to the heap of its place
  position = -1;

  constructor(workload: WorkloadInfo<W>, now: number, sequence: number) {
    this.workload = workload;
    this.addedAt = now;
    this.since = now;
    this.sequence = sequence;
  }
}

import type { ApiObject } from '../../../core/index.js';
import type { Cluster } from '../../cluster/index.js';
import type { WorkloadInfo } from '../../framework/index.js';
import { type GangBook, wholeGroups } from '../../gangs/index.js';
import type { SchedulingQueue } from '../../queue/index.js';
import { activateGroup } from './activate-group.js';
import type { RoomToMake } from '../reports/reporter.js';

/** Who was chosen to go for a workload. */
export interface ChosenRoom<W extends ApiObject> {
  readonly host: string;
  /** The most important first. */
  readonly victims: readonly WorkloadInfo<W>[];
  /** Called once: with an error where not all of them could be evicted. */
  readonly onEnd: (failed?: { readonly error: unknown }) => void;
}

/** What {@link Evictions} work with. */
export interface EvictionsParts<W extends ApiObject, H extends ApiObject> {
  readonly cluster: Cluster<W, H>;
  readonly queue: SchedulingQueue<W, H>;
  /** Undefined where there are no groups. */
  readonly book: GangBook<W> | undefined;
}

/**
 * Says who goes where some were chosen to go: a group that would be left too small goes as a whole.
 *
 * From then on nobody counts on them in their groups: who is not evicted in the end holds his place again.
 */
export class Evictions<W extends ApiObject, H extends ApiObject> {
  readonly #parts: EvictionsParts<W, H>;

  constructor(parts: EvictionsParts<W, H>) {
    this.#parts = parts;
  }

  /** All that go to make room for a workload. */
  start(preemptor: WorkloadInfo<W>, { host, victims, onEnd }: ChosenRoom<W>): RoomToMake<W> {
    const { cluster, book } = this.#parts;
    const parties =
      book === undefined
        ? victims.map((workload) => [{ workload }])
        : wholeGroups(victims, preemptor, book, (key) => cluster.workload(key));
    // those that were not evicted yet
    const staying = new Map(parties.flat().map(({ workload }) => [workload.key, workload]));
    for (const key of staying.keys()) book?.leaves(key);
    return {
      host,
      parties,
      isPlaced: ({ key, object }) => cluster.workload(key)?.object.metadata.uid === object.metadata.uid,
      onEvicted: ({ key }) => staying.delete(key),
      onEnd: (failed) => {
        this.#stay(staying.values());
        onEnd(failed);
      },
    };
  }

  /** Some hold their places again: members of their groups that wait may be tried. */
  #stay(staying: Iterable<WorkloadInfo<W>>): void {
    const { book, queue } = this.#parts;
    for (const workload of staying) {
      if (book?.stays(workload.key) === true) activateGroup(workload, book, queue);
    }
  }
}

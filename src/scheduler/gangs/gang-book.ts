import { type ApiObject, formatKey, type ObjectKey } from '../../core/index.js';
import type { WorkloadInfo } from '../framework/index.js';
import { type Gang, gangOf } from './gang.js';
import type { PodGroup } from './pod-group.js';

/** The members of a group. */
interface Members<W extends ApiObject> {
  /** Those that are not placed, by key, in the order in which they came. */
  readonly waiting: Map<string, WorkloadInfo<W>>;
  /** The hosts of those that are placed, by key. */
  readonly placed: Map<string, string>;
  /** The hosts of those that are placed and have been sent away, by key. */
  readonly leaving: Map<string, string>;
}

/**
 * Knows groups and their members: what is to be tried as a whole, and when.
 *
 * It has to be told of everything, before the queue is: of each PodGroup by {@link setGroup} and {@link unsetGroup}, of each workload by {@link set},
 * without a host while it waits and with its host as soon as it is placed, bound or not, and by {@link unset} once it is gone. Workloads of
 * no group are left out. By {@link leaves} it is told of one that is sent away, before that is seen. Where a group has become ready, those that are
 * {@link waiting} have to be activated in the queue: no event of the cluster tells of a workload that waits.
 *
 * To try a group: `placeGroup` with those that are {@link waiting}, `minCount` {@link missing}, and where it has a topology key and
 * members that are placed, their domain.
 */
export class GangBook<W extends ApiObject> {
  readonly #groupOf: (workload: WorkloadInfo<W>) => string | undefined;
  // what groups ask for, and their members, by the key of the group; one may be known without the other, no members are no entry
  readonly #gangs = new Map<string, Gang>();
  readonly #members = new Map<string, Members<W>>();
  // by the key of each member: the key of its group
  readonly #groups = new Map<string, string>();

  /** @param groupOf - The key of a workload's group, `namespace/name`; undefined where it has none. `podGroupOf` is that of Pods. */
  constructor(groupOf: (workload: WorkloadInfo<W>) => string | undefined) {
    this.#groupOf = groupOf;
  }

  /**
   * Takes over what a group asks for; answers whether it has become ready.
   *
   * @throws TypeError naming the field where it makes no sense; nothing has changed then.
   */
  setGroup(group: PodGroup): boolean {
    const gang = gangOf(group);
    const wasReady = this.ready(gang.key);
    this.#gangs.set(gang.key, gang);
    return !wasReady && this.ready(gang.key);
  }

  /** Forgets what a group asks for; nothing happens where it is not known. */
  unsetGroup(key: ObjectKey): void {
    this.#gangs.delete(formatKey(key));
  }

  /** Takes over the newest state of a workload: it waits, or is placed on a host. Answers whether its group has become ready. */
  set(workload: WorkloadInfo<W>, host?: string): boolean {
    const { key } = workload;
    const group = this.#groupOf(workload);
    if (this.#groups.get(key) !== group) this.unset(key);
    if (group === undefined) return false;
    const wasReady = this.ready(group);
    this.#groups.set(key, group);
    let members = this.#members.get(group);
    if (members === undefined) {
      members = { waiting: new Map(), placed: new Map(), leaving: new Map() };
      this.#members.set(group, members);
    }
    if (host === undefined) {
      members.placed.delete(key);
      members.leaving.delete(key);
      members.waiting.set(key, workload);
    } else {
      members.waiting.delete(key);
      (members.leaving.has(key) ? members.leaving : members.placed).set(key, host);
    }
    return !wasReady && this.ready(group);
  }

  /** A workload that is placed was sent away: it holds no place any more, unless it {@link stays}. Nothing happens where it is not placed. */
  leaves(key: string): void {
    const group = this.#groups.get(key);
    if (group === undefined) return;
    const { placed, leaving } = this.#members.get(group) as Members<W>;
    const host = placed.get(key);
    if (host === undefined) return;
    placed.delete(key);
    leaving.set(key, host);
  }

  /** A workload was not sent away after all; nothing happens where it was not to leave. Answers whether its group has become ready. */
  stays(key: string): boolean {
    const group = this.#groups.get(key);
    if (group === undefined) return false;
    const { placed, leaving } = this.#members.get(group) as Members<W>;
    const host = leaving.get(key);
    if (host === undefined) return false;
    const wasReady = this.ready(group);
    leaving.delete(key);
    placed.set(key, host);
    return !wasReady && this.ready(group);
  }

  /** Forgets a workload; nothing happens where it is not known. */
  unset(key: string): void {
    const group = this.#groups.get(key);
    if (group === undefined) return;
    this.#groups.delete(key);
    const members = this.#members.get(group) as Members<W>;
    members.waiting.delete(key);
    members.placed.delete(key);
    members.leaving.delete(key);
    if (members.waiting.size + members.placed.size + members.leaving.size === 0) this.#members.delete(group);
  }

  /** The key of a workload's group; undefined where it has none. */
  groupOf(workload: WorkloadInfo<W>): string | undefined {
    return this.#groupOf(workload);
  }

  /** What a group asks for; undefined while nobody has said so. */
  gang(group: string): Gang | undefined {
    return this.#gangs.get(group);
  }

  /** The members that are not placed, in the order in which they came. */
  waiting(group: string): readonly WorkloadInfo<W>[] {
    return [...(this.#members.get(group)?.waiting.values() ?? [])];
  }

  /** The hosts of the members that are placed and do not leave, by the key of the member. */
  placed(group: string): ReadonlyMap<string, string> {
    return new Map(this.#members.get(group)?.placed);
  }

  /** Whether enough members are there, waiting or placed, for the group to be tried. */
  ready(group: string): boolean {
    const gang = this.#gangs.get(group);
    const members = this.#members.get(group);
    if (gang === undefined || members === undefined) return false;
    return members.waiting.size + members.placed.size >= gang.minCount;
  }

  /** How many of those that wait have to be placed for any of them to be; 0 where enough are placed already, or nobody knows. */
  missing(group: string): number {
    const minCount = this.#gangs.get(group)?.minCount ?? 0;
    return Math.max(0, minCount - (this.#members.get(group)?.placed.size ?? 0));
  }
}

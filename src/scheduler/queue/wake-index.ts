import type { ApiObject } from '../../core/index.js';
import type { ClusterEvent, WorkloadInfo } from '../framework/index.js';
import type { Entry } from './entry.js';
import { mayConcern } from './may-concern.js';
import type { PluginCalls } from './plugin-calls.js';
import type { QueuePlugin } from './queue-plugin.js';
import { type Objection, Objector, WaitingGroup } from './waiting-group.js';

type Group<W extends ApiObject, H extends ApiObject> = WaitingGroup<W, H, Entry<W, H>>;

/**
 * Entries that wait for events, found by what said no to them.
 *
 * A plugin is asked about an event once for all entries that look the same to it, and not at all where it cannot be concerned. So an
 * event costs as much as there are different noes of the plugins that it may concern, however many entries wait.
 */
export class WakeIndex<W extends ApiObject, H extends ApiObject> {
  readonly #calls: PluginCalls<W, H>;
  readonly #see: (plugin: QueuePlugin<W, H>, workload: WorkloadInfo<W>) => unknown;
  // by plugin, and by what it has seen; each is in some group
  readonly #objectors = new Map<QueuePlugin<W, H>, Map<unknown, Objector<W, H, Entry<W, H>>>>();
  // by name; each has a member
  readonly #groups = new Map<string, Group<W, H>>();
  // how many members all groups have
  #size = 0;
  // counts all objectors that there ever were
  #numbers = 0;

  /** @param see - What a plugin sees of a workload when it says no, as a key of a Map. */
  constructor(
    calls: PluginCalls<W, H>,
    see: (plugin: QueuePlugin<W, H>, workload: WorkloadInfo<W>) => unknown,
  ) {
    this.#calls = calls;
    this.#see = see;
  }

  get size(): number {
    return this.#size;
  }

  /** Lets an entry wait, to which some plugins said no. */
  join(entry: Entry<W, H>, objections: readonly Objection<W, H>[]): void {
    const objectors = objections.map(({ plugin }) =>
      this.#objector(plugin, this.#see(plugin, entry.workload)),
    );
    const name = objectors
      .map(({ number }, at) => `${number}${objections[at]?.pending === true ? 'p' : ''}`)
      .join();
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = new WaitingGroup(name, objections, objectors, entry);
      this.#groups.set(name, group);
      for (const objector of objectors) objector.groups.add(group);
    } else {
      group.add(entry);
    }
    entry.group = group;
    this.#size += 1;
  }

  /** Takes out an entry that waits here. */
  leave(entry: Entry<W, H>): void {
    const group = entry.group as Group<W, H>;
    group.remove(entry);
    this.#size -= 1;
    if (group.size === 0) this.#drop(group);
  }

  /** Takes out all entries of a group that waits here. */
  takeAll(group: Group<W, H>): readonly Entry<W, H>[] {
    const members = group.takeAll();
    this.#size -= members.length;
    this.#drop(group);
    return members;
  }

  /** The groups that an event can help, each with whether its members may be tried at once. */
  wokenBy(event: ClusterEvent<W, H>): ReadonlyMap<Group<W, H>, boolean> {
    const woken = new Map<Group<W, H>, boolean>();
    for (const [plugin, objectors] of this.#objectors) {
      if (!mayConcern(plugin, event)) continue;
      for (const objector of objectors.values()) {
        if (!this.#calls.wakes(plugin, event, objector.example)) continue;
        for (const group of objector.groups) {
          woken.set(group, woken.get(group) === true || group.isPending(objector));
        }
      }
    }
    return woken;
  }

  clear(): void {
    this.#objectors.clear();
    this.#groups.clear();
    this.#size = 0;
  }

  #objector(plugin: QueuePlugin<W, H>, seen: unknown): Objector<W, H, Entry<W, H>> {
    let objectors = this.#objectors.get(plugin);
    if (objectors === undefined) this.#objectors.set(plugin, (objectors = new Map()));
    let objector = objectors.get(seen);
    if (objector === undefined) {
      objector = new Objector(plugin, seen, this.#numbers++);
      objectors.set(seen, objector);
    }
    return objector;
  }

  #drop(group: Group<W, H>): void {
    this.#groups.delete(group.name);
    for (const objector of group.objectors) {
      objector.groups.delete(group);
      if (objector.groups.size > 0) continue;
      const objectors = this.#objectors.get(objector.plugin);
      objectors?.delete(objector.seen);
      if (objectors?.size === 0) this.#objectors.delete(objector.plugin);
    }
  }
}

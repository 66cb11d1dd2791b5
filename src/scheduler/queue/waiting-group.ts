import type { ApiObject } from '../../core/index.js';
import type { WorkloadInfo } from '../framework/index.js';
import type { QueuePlugin } from './queue-plugin.js';

/** A plugin that said no. */
export interface Objection<W extends ApiObject, H extends ApiObject> {
  readonly plugin: QueuePlugin<W, H>;
  /** Whether it said `Pending`. */
  readonly pending: boolean;
}

/** What a {@link WaitingGroup} needs of its members. */
export interface GroupMember<W extends ApiObject> {
  readonly workload: WorkloadInfo<W>;
  /** Written by the group alone: where it is among the members; -1 where it is in none. */
  seat: number;
}

/** Entries to which the same plugins said no, and which look the same to each of them. */
export class WaitingGroup<W extends ApiObject, H extends ApiObject, M extends GroupMember<W>> {
  readonly name: string;
  readonly objections: readonly Objection<W, H>[];
  readonly objectors: readonly Objector<W, H, M>[];
  // those that wait: members[i].seat === i
  #members: M[];

  /** @param objectors - Those of the objections, in their order. */
  constructor(
    name: string,
    objections: readonly Objection<W, H>[],
    objectors: readonly Objector<W, H, M>[],
    first: M,
  ) {
    // where workloads are all different there are as many groups, so they begin as small as can be
    first.seat = 0;
    this.#members = [first];
    this.name = name;
    this.objections = objections;
    this.objectors = objectors;
  }

  get size(): number {
    return this.#members.length;
  }

  /** One of the members, of which there must be some. */
  get example(): M {
    return this.#members[0] as M;
  }

  /** Whether the yes of an objector lets its members be tried at once. */
  isPending(objector: Objector<W, H, M>): boolean {
    return this.objections[this.objectors.indexOf(objector)]?.pending === true;
  }

  add(member: M): void {
    member.seat = this.#members.length;
    this.#members.push(member);
  }

  remove(member: M): void {
    const last = this.#members.pop() as M;
    if (last !== member) {
      last.seat = member.seat;
      this.#members[member.seat] = last;
    }
    member.seat = -1;
  }

  /** Takes out all members. */
  takeAll(): readonly M[] {
    const members = this.#members;
    this.#members = [];
    for (const member of members) member.seat = -1;
    return members;
  }
}

/** A plugin, and one of the things it has seen when it said no: what it says to an event is the same for all groups that are here. */
export class Objector<W extends ApiObject, H extends ApiObject, M extends GroupMember<W>> {
  readonly plugin: QueuePlugin<W, H>;
  /** What it has seen, as a key of a Map. */
  readonly seen: unknown;
  /** Not that of any other objector. */
  readonly number: number;
  // those that have a member
  readonly groups: Set<WaitingGroup<W, H, M>> = new Set();

  constructor(plugin: QueuePlugin<W, H>, seen: unknown, number: number) {
    this.plugin = plugin;
    this.seen = seen;
    this.number = number;
  }

  /** One of the workloads that it has said no to; there must be a group. */
  get example(): WorkloadInfo<W> {
    const [group] = this.groups;
    return (group as WaitingGroup<W, H, M>).example.workload;
  }
}

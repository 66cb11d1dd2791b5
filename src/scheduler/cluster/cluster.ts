import { type ApiObject, formatKey, type ObjectKey, preview } from '../../core/index.js';
import type { AnyResource, ObjectOf } from '../../resources/index.js';
import type {
  Amounts,
  ClusterEvent,
  ClusterIndex,
  ClusterView,
  HostInfo,
  IndexDefinition,
  ObjectTable,
  ResourceColumn,
  SchedulingModel,
  Topology,
  WorkloadInfo,
} from '../framework/index.js';
import { ChangeLog } from './change-log.js';
import { HostSlot } from './host-slot.js';
import { LabelTopology } from './label-topology.js';
import { ObjectTables } from './object-tables.js';
import { Nominations } from './nominations.js';
import { PlacedWorkload } from './placed-workload.js';
import { ResourceTable } from './resource-table.js';
import { UndoLog } from './undo-log.js';

const NOBODY: ReadonlySet<never> = /* @__PURE__ */ new Set<never>();
const FIRST_ROOM = 64;

/**
 * The hosts, what is placed on them, and every other object that plugins look at, as they are now.
 *
 * All that is derived (what is used up, domains of labels, indexes of plugins) changes with each change, and costs as much as that change. A
 * change that throws has changed nothing. Between {@link fork} and {@link rollback} everything is recorded, and can be taken back.
 */
export class Cluster<W extends ApiObject, H extends ApiObject> implements ClusterView<W, H> {
  readonly model: SchedulingModel<W, H>;
  readonly log: ChangeLog = new ChangeLog();
  readonly #onEvent: ((event: ClusterEvent<W, H>) => void) | undefined;
  // the hosts by index and by name; an index that no host has is in #free, the next one to be given last
  readonly #slots: (HostSlot<W, H> | undefined)[] = [];
  readonly #hosts = new Map<string, HostSlot<W, H>>();
  readonly #free: number[] = [];
  // how many indexes all arrays have room for
  #room = FIRST_ROOM;
  // the workloads that are placed, by key; those whose host is not there are in #homeless as well, by the name of the host
  readonly #workloads = new Map<string, PlacedWorkload<W, H>>();
  readonly #homeless = new Map<string, Set<PlacedWorkload<W, H>>>();
  readonly #resources = new ResourceTable();
  readonly #topologies = new Map<string, LabelTopology>();
  readonly #objects = new ObjectTables();
  readonly #indexes = new Map<object, ClusterIndex<W, H>>();
  // those of them that are told which workload comes and goes
  readonly #counting: ClusterIndex<W, H>[] = [];
  readonly #undo = new UndoLog();
  readonly #nominations = new Nominations<W>(this.#undo);
  // whether a trial is on: what is remembered must not be brought up to date from it
  #inTrial = false;

  /** @param onEvent - Told of each change that stays; not of those within a fork. */
  constructor(model: SchedulingModel<W, H>, onEvent?: (event: ClusterEvent<W, H>) => void) {
    this.model = model;
    this.#onEvent = onEvent;
    this.#resources.grow(this.#room);
  }

  get size(): number {
    return this.#hosts.size;
  }

  get bound(): number {
    return this.#slots.length;
  }

  /** How many indexes arrays over all hosts have room for. */
  get room(): number {
    return this.#room;
  }

  /** Another number after each change that can matter to a decision. */
  get version(): number {
    return this.log.position + this.#objects.version + this.#nominations.version;
  }

  get inTrial(): boolean {
    return this.#inTrial;
  }

  get forks(): number {
    return this.#undo.depth;
  }

  *hosts(): Iterable<HostSlot<W, H>> {
    for (const slot of this.#slots) if (slot !== undefined) yield slot;
  }

  at(index: number): HostSlot<W, H> | undefined {
    return this.#slots[index];
  }

  host(name: string): HostSlot<W, H> | undefined {
    return this.#hosts.get(name);
  }

  /** A workload that is placed, on a host that is there or not. */
  workload(key: string): PlacedWorkload<W, H> | undefined {
    return this.#workloads.get(key);
  }

  /** How many workloads are placed. */
  get placed(): number {
    return this.#workloads.size;
  }

  nominatedHostOf(key: string): string | undefined {
    return this.#nominations.hostOf(key);
  }

  /** Those for which room is kept on a host. */
  nominatedOn(host: string): ReadonlySet<WorkloadInfo<W>> {
    return this.#nominations.on(host);
  }

  /** The hosts on which room is kept for somebody: as they are now, whatever changes later. */
  nominatedHosts(): readonly string[] {
    return this.#nominations.hosts();
  }

  /** Keeps room on a host for a workload that is not placed. */
  nominate(workload: WorkloadInfo<W>, host: string): void {
    this.#nominations.add(workload, host);
  }

  /** Keeps room for a workload no more; nothing happens where none is kept. */
  unnominate(key: string): void {
    this.#nominations.delete(key);
  }

  objects<R extends AnyResource>(resource: R): ObjectTable<ObjectOf<R>> {
    // a table holds what was set for its kind
    return this.#objects.of(resource) as unknown as ObjectTable<ObjectOf<R>>;
  }

  resource(name: string): ResourceColumn {
    return this.#resources.column(name);
  }

  topology(key: string): Topology {
    let topology = this.#topologies.get(key);
    if (topology === undefined) {
      topology = new LabelTopology(key, this.#room);
      for (const slot of this.hosts()) topology.add(slot);
      this.#topologies.set(key, topology);
    }
    return topology;
  }

  index<I extends ClusterIndex<W, H>>(definition: IndexDefinition<W, H, I>): I {
    let index = this.#indexes.get(definition);
    if (index === undefined) {
      index = definition.make(this);
      this.#indexes.set(definition, index);
      if (index.placed !== undefined || index.removed !== undefined) this.#counting.push(index);
    }
    // an index is kept under the definition that made it
    return index as I;
  }

  /** A workload as plugins see it. @throws TypeError where the object makes no sense. */
  describe(workload: W): PlacedWorkload<W, H> {
    return new PlacedWorkload(workload, this.model);
  }

  /**
   * Takes over the newest state of an object: a host, a workload (which is placed if it names a host), or another kind.
   *
   * @throws TypeError naming the field where the object makes no sense.
   */
  set(resource: AnyResource, object: ApiObject): void {
    if (isSame(resource, this.model.host)) this.#setHost(object as H);
    else if (isSame(resource, this.model.workload)) this.#setWorkload(object as W);
    else this.#setObject(resource, object);
  }

  /** Forgets an object; nothing happens where there is none. Workloads of a host that is gone wait for it to come again. */
  unset(resource: AnyResource, key: ObjectKey): void {
    if (isSame(resource, this.model.host)) {
      const slot = this.#hosts.get(key.name);
      if (slot === undefined) return;
      this.#removeHost(slot);
      this.#tell({ type: 'host gone', name: key.name });
    } else if (isSame(resource, this.model.workload)) {
      const text = formatKey(key);
      this.unnominate(text);
      const workload = this.#workloads.get(text);
      if (workload !== undefined) this.forget(workload);
    } else {
      const table = this.#objects.of(resource);
      const before = table.delete(key);
      if (before === undefined) return;
      this.#undo.record(() => this.#putBack(resource, before));
      for (const index of this.#indexes.values()) index.objectChanged?.(resource);
      this.#tell({ type: 'object', resource, before });
    }
  }

  /** Places a workload that is on no host; one of the same key that is placed already makes room for it. */
  place(workload: PlacedWorkload<W, H>, host: string): void {
    const before = this.#workloads.get(workload.key);
    const from = before?.hostName;
    if (before !== undefined) this.#take(before);
    this.unnominate(workload.key);
    this.#put(workload, host);
    if (before === undefined || from === host) {
      this.#tell({ type: 'placed', workload, host, before });
    } else {
      this.#tell({ type: 'removed', workload: before, host: from as string });
      this.#tell({ type: 'placed', workload, host });
    }
  }

  /** Takes a workload off its host. */
  forget(workload: PlacedWorkload<W, H>): void {
    const host = workload.hostName as string;
    this.#take(workload);
    this.#tell({ type: 'removed', workload, host });
  }

  /** From here on changes can be taken back. */
  fork(): void {
    this.#undo.mark();
  }

  /** Keeps what has changed since the last fork. */
  commit(): void {
    this.#undo.keep();
  }

  /** Takes back what has changed since the last fork. */
  rollback(): void {
    this.#undo.goBack();
  }

  /** Runs `work` and takes back what it changed, without a trace. Nothing that is remembered may be brought up to date meanwhile. */
  trial<T>(work: () => T): T {
    const { position } = this.log;
    const outermost = !this.#inTrial;
    this.#inTrial = true;
    this.#undo.mark();
    try {
      return work();
    } finally {
      this.#undo.goBack();
      this.log.takeBackTo(position);
      if (outermost) this.#inTrial = false;
    }
  }

  #setWorkload(object: W): void {
    const { model } = this;
    const host = model.hasEnded?.(object) === true ? undefined : model.hostOf(object);
    const key = formatKey(object.metadata);
    const before = this.#workloads.get(key);
    if (host === undefined) {
      const nominated = model.hasEnded?.(object) === true ? undefined : model.nominatedHostOf?.(object);
      const workload = nominated === undefined ? undefined : this.describe(object);
      if (before !== undefined) this.forget(before);
      this.unnominate(key);
      if (workload !== undefined && nominated !== undefined) this.nominate(workload, nominated);
      return;
    }
    const workload = this.describe(object);
    if (before?.hostName === host && model.sameWorkload?.(before, workload) === true)
      this.#swap(before, object);
    else this.place(workload, host);
  }

  /** A change that makes no difference to anybody. */
  #swap(workload: PlacedWorkload<W, H>, object: W): void {
    const before = workload.object;
    workload.object = object;
    this.#undo.record(() => {
      workload.object = before;
    });
  }

  #put(workload: PlacedWorkload<W, H>, host: string): void {
    workload.hostName = host;
    this.#workloads.set(workload.key, workload);
    const slot = this.#hosts.get(host);
    if (slot === undefined) {
      let homeless = this.#homeless.get(host);
      if (homeless === undefined) this.#homeless.set(host, (homeless = new Set()));
      homeless.add(workload);
    } else {
      slot.add(workload);
      this.log.append(slot.index, false);
      for (const index of this.#counting) index.placed?.(workload, slot);
    }
    if (this.#undo.isRecording) this.#recordPut(workload);
  }

  // on its own, as is the next: placing makes no closure where nothing is recorded
  #recordPut(workload: PlacedWorkload<W, H>): void {
    this.#undo.record(() => this.#take(workload));
  }

  #take(workload: PlacedWorkload<W, H>): void {
    const slot = workload.slot === undefined ? undefined : this.#slots[workload.slot.index];
    const host = workload.hostName as string;
    this.#workloads.delete(workload.key);
    if (slot === undefined) {
      const homeless = this.#homeless.get(host);
      homeless?.delete(workload);
      if (homeless?.size === 0) this.#homeless.delete(host);
    } else {
      slot.remove(workload);
      this.log.append(slot.index, false);
      for (const index of this.#counting) index.removed?.(workload, slot);
    }
    workload.hostName = undefined;
    if (this.#undo.isRecording) this.#recordTake(workload, host);
  }

  #recordTake(workload: PlacedWorkload<W, H>, host: string): void {
    this.#undo.record(() => this.#put(workload, host));
  }

  #setHost(object: H): void {
    const capacity = checkAmounts(
      this.model.capacityOf(object),
      `${this.model.host.kind} ${preview(object.metadata.name)}`,
    );
    const slot = this.#hosts.get(object.metadata.name);
    if (slot === undefined) {
      const added = this.#addHost(object, capacity);
      this.#tell({ type: 'host', host: added });
      return;
    }
    const before = slot.object;
    if (this.model.sameHost?.(before, object) === true) {
      slot.object = object;
      this.#undo.record(() => {
        this.#slotOf(before).object = before;
      });
      return;
    }
    this.#changeHost(slot, object, capacity);
    this.#tell({ type: 'host', host: slot, before });
  }

  #addHost(object: H, capacity: Amounts): HostInfo<W, H> {
    const index = this.#free.pop() ?? this.#slots.length;
    this.#makeRoom(index + 1);
    const slot = new HostSlot<W, H>(index, object, this.#resources);
    this.#slots[index] = slot;
    this.#hosts.set(slot.name, slot);
    this.#resources.setCapacity(index, capacity);
    for (const workload of this.#homeless.get(slot.name) ?? NOBODY) slot.add(workload);
    this.#homeless.delete(slot.name);
    this.#enter(slot);
    this.#undo.record(() => this.#removeHost(this.#slotOf(object)));
    return slot;
  }

  #changeHost(slot: HostSlot<W, H>, object: H, capacity: Amounts): void {
    const before = slot.object;
    this.#leave(slot);
    slot.object = object;
    this.#resources.setCapacity(slot.index, capacity);
    this.#enter(slot);
    this.#undo.record(() => this.#changeHost(this.#slotOf(object), before, this.model.capacityOf(before)));
  }

  #removeHost(slot: HostSlot<W, H>): void {
    const { object } = slot;
    this.#leave(slot);
    const homeless = new Set(slot.workloads);
    for (const workload of homeless) slot.remove(workload);
    if (homeless.size > 0) this.#homeless.set(slot.name, homeless);
    this.#resources.setCapacity(slot.index, new Map());
    this.#slots[slot.index] = undefined;
    this.#hosts.delete(slot.name);
    this.#free.push(slot.index);
    this.log.append(slot.index, true);
    this.#undo.record(() => this.#addHost(object, this.model.capacityOf(object)));
  }

  /** The slot of a host that is there: going back, it may be another than it was when the host was changed. */
  #slotOf({ metadata }: H): HostSlot<W, H> {
    return this.#hosts.get(metadata.name) as HostSlot<W, H>;
  }

  /** A host is there, with all that is placed on it. */
  #enter(slot: HostSlot<W, H>): void {
    for (const topology of this.#topologies.values()) topology.add(slot);
    this.log.append(slot.index, true);
    for (const index of this.#indexes.values()) index.hostEntered?.(slot);
  }

  #leave(slot: HostSlot<W, H>): void {
    for (const index of this.#indexes.values()) index.hostLeaving?.(slot);
    for (const topology of this.#topologies.values()) topology.remove(slot);
  }

  #makeRoom(room: number): void {
    if (room <= this.#room) return;
    this.#room = Math.max(room, this.#room * 2);
    this.#resources.grow(this.#room);
    for (const topology of this.#topologies.values()) topology.grow(this.#room);
  }

  #setObject(resource: AnyResource, object: ApiObject): void {
    const before = this.#putBack(resource, object);
    this.#tell({ type: 'object', resource, before, after: object });
  }

  #putBack(resource: AnyResource, object: ApiObject): ApiObject | undefined {
    const table = this.#objects.of(resource);
    const before = table.set(object);
    this.#undo.record(() => {
      if (before === undefined) {
        const { name, namespace } = object.metadata;
        table.delete({ name, namespace });
      } else {
        table.set(before);
      }
      for (const index of this.#indexes.values()) index.objectChanged?.(resource);
    });
    for (const index of this.#indexes.values()) index.objectChanged?.(resource);
    return before;
  }

  #tell(event: ClusterEvent<W, H>): void {
    if (this.#undo.depth === 0) this.#onEvent?.(event);
  }
}

function isSame(a: AnyResource, b: AnyResource): boolean {
  return a.kind === b.kind && a.group === b.group;
}

/** @throws TypeError where an amount is no whole number from 0 up that can be counted exactly. */
function checkAmounts(amounts: Amounts, whose: string): Amounts {
  for (const [name, amount] of amounts) {
    if (!Number.isSafeInteger(amount) || amount < 0) {
      throw new TypeError(
        `${whose}: expected its amount of ${name} to be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, got ${amount}`,
      );
    }
  }
  return amounts;
}

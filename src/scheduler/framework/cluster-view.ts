import type { ApiObject, ObjectKey } from '../../core/index.js';
import type { AnyResource, ObjectOf } from '../../resources/index.js';
import type { HostInfo, WorkloadInfo } from './infos.js';

/** The objects of one kind beside hosts and workloads, such as Services or PersistentVolumes. */
export interface ObjectTable<O> extends Iterable<O> {
  readonly size: number;
  /** Counts the changes of the table: equal counts, equal objects. */
  readonly version: number;
  get(key: ObjectKey): O | undefined;
  /** Those of one namespace. */
  inNamespace(namespace: string): Iterable<O>;
}

/** One resource over all hosts. The arrays are replaced when hosts are added: read them anew. */
export interface ResourceColumn {
  readonly name: string;
  /** How much each host has, by the index of the host; 0 where it says nothing. */
  readonly capacity: Float64Array;
  /** How much of it is used up by the workloads of each host. */
  readonly used: Float64Array;
}

/** The hosts by the value of one of their labels, each value a domain with a small number. */
export interface Topology {
  readonly key: string;
  /** The domain of each host, by the index of the host; -1 where the host has no such label. Replaced when hosts are added: read it anew. */
  readonly domainOf: Int32Array;
  /** No domain has this number or a higher one. The number of a domain that has no hosts left is given to another. */
  readonly bound: number;
  /** How many hosts a domain has. */
  hostsIn(domain: number): number;
  /** The domain of a value; -1 where no host has it. */
  domain(value: string): number;
}

/** The cluster as plugins see it. */
export interface ClusterView<W extends ApiObject = ApiObject, H extends ApiObject = ApiObject> {
  /** How many hosts there are. */
  readonly size: number;
  /** Every index of a host is below it. */
  readonly bound: number;
  /** All hosts, in the order of their indexes. */
  hosts(): Iterable<HostInfo<W, H>>;
  /** The host with an index; undefined where none has it. */
  at(index: number): HostInfo<W, H> | undefined;
  host(name: string): HostInfo<W, H> | undefined;
  /** The name of the host on which room is kept for a workload that is not placed, by its key; undefined where none is. */
  nominatedHostOf(key: string): string | undefined;
  /** The objects of another kind. */
  objects<R extends AnyResource>(resource: R): ObjectTable<ObjectOf<R>>;
  /** The index of a definition, made now where nobody asked for it before. */
  index<I extends ClusterIndex<W, H>>(definition: IndexDefinition<W, H, I>): I;
  /** A resource, for plugins that look at it on many hosts; one that nobody has is 0 everywhere. */
  resource(name: string): ResourceColumn;
  /** The hosts by a label. */
  topology(key: string): Topology;
}

/**
 * What plugins keep in mind of the whole cluster, brought up to date with every change: counts by domain, for example.
 *
 * Each call is told after the cluster has changed, except {@link hostLeaving}. What `removed` does must undo what `placed` did: the
 * engine takes changes back in this way. A call must not throw.
 */
export interface ClusterIndex<W extends ApiObject = ApiObject, H extends ApiObject = ApiObject> {
  /** A workload is now on a host. */
  placed?(workload: WorkloadInfo<W>, host: HostInfo<W, H>): void;
  /** A workload is on a host no more. */
  removed?(workload: WorkloadInfo<W>, host: HostInfo<W, H>): void;
  /** A host is there, or has changed: with all its workloads, of which `placed` does not tell. */
  hostEntered?(host: HostInfo<W, H>): void;
  /** A host is about to go, or to change, with all its workloads: it is still as it was. */
  hostLeaving?(host: HostInfo<W, H>): void;
  /** An object of another kind was set or removed. */
  objectChanged?(resource: AnyResource): void;
}

/** How an index is made: once for each cluster in which a plugin asks for it, from what is there already. */
export interface IndexDefinition<W extends ApiObject, H extends ApiObject, I extends ClusterIndex<W, H>> {
  make(cluster: ClusterView<W, H>): I;
}

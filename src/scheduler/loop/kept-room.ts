import type { ApiObject } from '../../core/index.js';
import type { Cluster } from '../cluster/index.js';
import type { WorkloadInfo } from '../framework/index.js';

/**
 * The room that is kept for workloads which are not placed.
 *
 * The server says for whom, but what this process has decided goes before it until the server says the same.
 */
export class KeptRoom<W extends ApiObject, H extends ApiObject> {
  readonly #cluster: Cluster<W, H>;
  // the host on which room is kept, by key of the workload
  readonly #hosts = new Map<string, string>();
  // what this process has decided and the server has not said yet, by key: a host, or '' for none
  readonly #decided = new Map<string, string>();

  constructor(cluster: Cluster<W, H>) {
    this.#cluster = cluster;
  }

  /** For how many workloads something is kept in mind. */
  get size(): number {
    return Math.max(this.#hosts.size, this.#decided.size);
  }

  /** The host on which room is kept for a workload. */
  hostOf(key: string): string | undefined {
    return this.#hosts.get(key);
  }

  /** It was decided to keep room for a workload. */
  keep(workload: WorkloadInfo<W>, host: string): void {
    this.#decided.set(workload.key, host);
    this.#apply(workload, host);
  }

  /** It was decided to keep room for a workload no more; nothing happens where none is kept. */
  giveUp(key: string): void {
    if (!this.#hosts.delete(key)) return;
    this.#decided.set(key, '');
    this.#cluster.unnominate(key);
  }

  /** The server tells of a workload that is not placed. */
  told(workload: WorkloadInfo<W>): void {
    const { key, object } = workload;
    const said = this.#cluster.model.nominatedHostOf?.(object) ?? '';
    const decided = this.#decided.get(key) ?? said;
    if (decided === said) this.#decided.delete(key);
    this.#apply(workload, object.metadata.deletionTimestamp === undefined ? decided : '');
  }

  /** A workload is gone, or placed. */
  forget(key: string): void {
    this.#decided.delete(key);
    this.#hosts.delete(key);
    this.#cluster.unnominate(key);
  }

  /** What this process has decided counts no more, as another decides now. @param latest - What the server says. */
  yield(latest: (key: string) => WorkloadInfo<W> | undefined): void {
    for (const key of this.#decided.keys()) {
      this.forget(key);
      const workload = latest(key);
      if (workload !== undefined) this.told(workload);
    }
  }

  #apply(workload: WorkloadInfo<W>, host: string): void {
    if (host === '') {
      this.#hosts.delete(workload.key);
      this.#cluster.unnominate(workload.key);
    } else {
      this.#hosts.set(workload.key, host);
      this.#cluster.nominate(workload, host);
    }
  }
}

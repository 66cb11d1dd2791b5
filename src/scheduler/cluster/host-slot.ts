import type { ApiObject } from '../../core/index.js';
import type { HostInfo } from '../framework/index.js';
import type { PlacedWorkload } from './placed-workload.js';
import type { ResourceTable } from './resource-table.js';

const NO_LABELS: Readonly<Record<string, string>> = /* @__PURE__ */ Object.freeze({});

/** A host and what is placed on it. */
export class HostSlot<W extends ApiObject, H extends ApiObject> implements HostInfo<W, H> {
  readonly index: number;
  readonly name: string;
  object: H;
  // workloads[i].position is i
  readonly workloads: PlacedWorkload<W, H>[] = [];
  readonly #resources: ResourceTable;

  constructor(index: number, object: H, resources: ResourceTable) {
    this.index = index;
    this.name = object.metadata.name;
    this.object = object;
    this.#resources = resources;
  }

  get labels(): Readonly<Record<string, string>> {
    return this.object.metadata.labels ?? NO_LABELS;
  }

  capacity(resource: string): number {
    return this.#resources.column(resource).capacity[this.index] as number;
  }

  used(resource: string): number {
    return this.#resources.column(resource).used[this.index] as number;
  }

  /** Takes a workload in. */
  add(workload: PlacedWorkload<W, H>): void {
    workload.slot = this;
    workload.position = this.workloads.length;
    this.workloads.push(workload);
    this.#resources.use(this.index, workload.requests, 1);
  }

  /** Lets a workload go; the last one takes its position. */
  remove(workload: PlacedWorkload<W, H>): void {
    const last = this.workloads.pop() as PlacedWorkload<W, H>;
    if (last !== workload) {
      this.workloads[workload.position] = last;
      last.position = workload.position;
    }
    workload.slot = undefined;
    workload.position = -1;
    this.#resources.use(this.index, workload.requests, -1);
  }
}

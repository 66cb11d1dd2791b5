import { type ApiObject, formatKey } from '../../core/index.js';
import type { Amounts, HostInfo, SchedulingModel, WorkloadInfo } from '../framework/index.js';

const NO_LABELS: Readonly<Record<string, string>> = /* @__PURE__ */ Object.freeze({});

/** A workload, with where it is. */
export class PlacedWorkload<W extends ApiObject, H extends ApiObject> implements WorkloadInfo<W> {
  object: W;
  readonly key: string;
  readonly priority: number;
  readonly requests: Amounts;
  readonly facts: unknown;
  // the host that it is on; undefined while it is on none, or on one that is not there
  slot: HostInfo<W, H> | undefined;
  // its place among the workloads of the slot; -1 without one
  position = -1;
  // the name of the host that it is placed on, or waits for to be there; undefined while it is not placed
  hostName: string | undefined;

  /** @throws TypeError where the object makes no sense; what the model throws. */
  constructor(object: W, model: SchedulingModel<W, H>) {
    this.object = object;
    this.key = formatKey(object.metadata);
    this.priority = model.priorityOf?.(object) ?? 0;
    this.requests = model.requestsOf(object);
    this.facts = model.factsOf?.(object);
  }

  get namespace(): string {
    return this.object.metadata.namespace ?? '';
  }

  get labels(): Readonly<Record<string, string>> {
    return this.object.metadata.labels ?? NO_LABELS;
  }
}

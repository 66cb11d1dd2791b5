import type { ApiObject } from '../../core/index.js';
import { type ClusterEvent, isRejection, type Queued, type WorkloadInfo } from '../framework/index.js';
import type { Entry } from './entry.js';
import type { QueuePlugin, QueueStep } from './queue-plugin.js';
import type { SchedulingQueueOptions } from './scheduling-queue-options.js';

/** All calls of plugins. None of them throws: failures are kept until they are told. */
export class PluginCalls<W extends ApiObject, H extends ApiObject> {
  readonly #options: SchedulingQueueOptions<W, H>;
  // what is still to be told, the first failure first
  readonly #failures: { readonly error: unknown; readonly plugin: string; readonly step: QueueStep }[] = [];

  constructor(options: SchedulingQueueOptions<W, H>) {
    this.#options = options;
  }

  /** Whether `a` is tried before `b`: a strict order, even where a plugin's is none. */
  isBefore(a: Entry<W, H>, b: Entry<W, H>): boolean {
    const { sort } = this.#options;
    if (sort?.less !== undefined) {
      if (this.#less(sort, a, b)) return true;
      if (this.#less(sort, b, a)) return false;
    } else {
      const byPriority = b.workload.priority - a.workload.priority;
      if (byPriority !== 0) return byPriority < 0;
      if (a.since !== b.since) return a.since < b.since;
    }
    return a.sequence < b.sequence;
  }

  /** The first plugin that does not let a workload be tried; `'failed'` where one of them fails. */
  gateOf(workload: WorkloadInfo<W>): QueuePlugin<W, H> | 'failed' | undefined {
    for (const plugin of this.#options.pluginsOf(workload)) {
      if (plugin.preEnqueue === undefined) continue;
      try {
        const answer: unknown = plugin.preEnqueue(workload, this.#options.cluster);
        if (isRejection(answer, `preEnqueue of the plugin ${plugin.name}`)) return plugin;
      } catch (error) {
        this.#failures.push({ error, plugin: plugin.name, step: 'preEnqueue' });
        return 'failed';
      }
    }
    return undefined;
  }

  /** Whether a plugin that is concerned by an event says that it can help a workload; one that fails says so. */
  wakes(plugin: QueuePlugin<W, H>, event: ClusterEvent<W, H>, workload: WorkloadInfo<W>): boolean {
    if (plugin.wakes === undefined) return true;
    try {
      return plugin.wakes(event, workload);
    } catch (error) {
      this.#failures.push({ error, plugin: plugin.name, step: 'wakes' });
      return true;
    }
  }

  /** All that plugins can see of a workload, as a key of a Map. */
  look(workload: WorkloadInfo<W>): unknown {
    const { alike } = this.#options;
    return alike === undefined ? workload.object : alike(workload);
  }

  /** What the filter of a plugin looks at in a workload, as a key of a Map. */
  partOf(plugin: QueuePlugin<W, H>, workload: WorkloadInfo<W>): unknown {
    const { reads } = plugin;
    if (reads?.part === undefined) return this.look(workload);
    try {
      return reads.part(workload);
    } catch (error) {
      this.#failures.push({ error, plugin: plugin.name, step: 'reads.part' });
      return workload.object;
    }
  }

  /** Whether two states of a workload differ in what the filter of a plugin looks at. */
  seesChange(plugin: QueuePlugin<W, H>, before: WorkloadInfo<W>, after: WorkloadInfo<W>): boolean {
    return this.partOf(plugin, before) !== this.partOf(plugin, after);
  }

  /** Tells of the failures that were not told yet. */
  tellFailures(): void {
    for (let next = this.#failures.shift(); next !== undefined; next = this.#failures.shift()) {
      this.#options.onError(next.error, next.plugin, next.step);
    }
  }

  #less(
    { name, less }: NonNullable<SchedulingQueueOptions<W, H>['sort']>,
    a: Queued<W>,
    b: Queued<W>,
  ): boolean {
    try {
      return less?.(a, b) === true;
    } catch (error) {
      this.#failures.push({ error, plugin: name, step: 'less' });
      return false;
    }
  }
}

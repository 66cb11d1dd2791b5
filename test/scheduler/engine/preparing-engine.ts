import type { ApiObject, ObjectKey } from '../../../src/core/index.js';
import type { AnyResource } from '../../../src/resources/index.js';
import { Cluster } from '../../../src/scheduler/cluster/index.js';
import type { Decision } from '../../../src/scheduler/engine/decision.js';
import type { Evaluation } from '../../../src/scheduler/engine/evaluate.js';
import type { Explanation } from '../../../src/scheduler/engine/explanation.js';
import { ProfileEngine } from '../../../src/scheduler/engine/profile-engine.js';
import type { HostPercentage } from '../../../src/scheduler/engine/sample-size.js';
import type { Plugin, SchedulingModel } from '../../../src/scheduler/framework/index.js';

/** What a `SchedulingEngine` does that tests of decisions ask of it; and it prepares them, as the loop of a scheduler does. */
export class PreparingEngine<W extends ApiObject, H extends ApiObject> {
  readonly cluster: Cluster<W, H>;
  readonly profile: ProfileEngine<W, H>;
  // how far decisions had come at each fork that is open
  readonly #sequences: number[] = [];

  constructor(
    model: SchedulingModel<W, H>,
    plugins: readonly Plugin<W, H>[],
    seed: number,
    percentage?: HostPercentage,
  ) {
    this.cluster = new Cluster(model);
    this.profile = new ProfileEngine(this.cluster, plugins, seed, percentage);
  }

  /** Prepares a decision as far as so many pieces of work go. */
  prepare(workload: W, pieces: number): boolean {
    let left = pieces;
    return this.profile.prepare(this.cluster.describe(workload), () => {
      left -= 1;
      return left < 0;
    });
  }

  set(resource: AnyResource, object: ApiObject): void {
    this.cluster.set(resource, object);
  }

  unset(resource: AnyResource, key: ObjectKey): void {
    this.cluster.unset(resource, key);
  }

  schedule(workload: W): Decision<Explanation> {
    const described = this.cluster.describe(workload);
    return this.profile.decisionOf(described, this.profile.decide(described), () => false);
  }

  place(workload: W): Decision<Explanation> {
    const described = this.cluster.describe(workload);
    const choice = this.profile.decide(described);
    if (choice.host !== undefined) this.cluster.place(described, choice.host.name);
    return this.profile.decisionOf(described, choice, () => false);
  }

  assume(workload: W, host: string): void {
    this.cluster.place(this.cluster.describe(workload), host);
  }

  evaluate(workload: W): Evaluation {
    return this.profile.evaluate(this.cluster.describe(workload));
  }

  fork(): void {
    this.#sequences.push(this.profile.sequence);
    this.cluster.fork();
  }

  commit(): void {
    this.#sequences.pop();
    this.cluster.commit();
  }

  rollback(): void {
    this.profile.sequence = this.#sequences.pop() as number;
    this.cluster.rollback();
  }
}

import type { ApiObject, ObjectKey } from '../../core/index.js';
import type { AnyResource, ObjectOf } from '../../resources/index.js';
import type { Node, Pod } from '../../resources/kinds/index.js';
import { Cluster, type PlacedWorkload } from '../cluster/index.js';
import type { ClusterEvent, Placement, Plugin, Rejection, SchedulingModel } from '../framework/index.js';
import type { GroupDecision } from '../gangs/group-decision.js';
import type { GroupOptions } from '../gangs/group-options.js';
import { placeGroup } from '../gangs/place-group.js';
import { podModel } from '../pods/pod-model.js';
import type { Choice } from './choice.js';
import type { Decision } from './decision.js';
import type { Evaluation } from './evaluate.js';
import type { Explanation } from './explanation.js';
import { ProfileEngine } from './profile-engine.js';
import type { HostPercentage } from './sample-size.js';

/** What a {@link SchedulingEngine} is made from. */
export interface SchedulingEngineOptions<W extends ApiObject, H extends ApiObject> {
  /** The rules, in order: `defaultPlugins()` are kube-scheduler's. */
  readonly plugins: readonly Plugin<W, H>[];
  /** What is placed, and where; Pods on Nodes unless given. */
  readonly model?: SchedulingModel<W, H> | undefined;
  /** Draws among hosts that are equally good: the same seed, objects and calls give the same decisions; 0 unless given. */
  readonly seed?: number | undefined;
  /**
   * How many of all hosts are enough, from 1 to 100 percent or `adaptive`, which is kube-scheduler's own rule: a decision looks no further once
   * it has found so many that will do, 100 at least. Every host counts unless given.
   */
  readonly percentageOfNodesToScore?: HostPercentage | undefined;
  /** Told of each change of the cluster that stays. */
  readonly onEvent?: ((event: ClusterEvent<W, H>) => void) | undefined;
}

/** What would become of the workloads of a host that goes away. */
export interface DrainPlan {
  /** Where each could go, by key, in the order in which they were placed. */
  readonly moves: ReadonlyMap<string, string>;
  /** Those that could go nowhere, and why. */
  readonly stuck: ReadonlyMap<string, string>;
}

/**
 * Decides where workloads go: the algorithm alone, synchronous, told of everything by {@link set} and {@link unset}.
 *
 * - Every host is looked at unless `percentageOfNodesToScore` is given, and decisions are exact: the host with the highest total wins, as
 *   kube-scheduler computes it when it looks at all nodes. Among equals it draws, by seed and by the decisions that were made before.
 * - {@link schedule} decides and changes nothing; {@link place} also takes the workload to be placed there.
 * - {@link fork} starts a what-if: until {@link commit} or {@link rollback}, everything works on the changed cluster.
 * - A call that throws has changed nothing.
 * - Objects that it was given must not change afterwards, as what was read of them is remembered: to change one, give another.
 *
 * Source: the scheduling cycle of kube-scheduler 1.36.
 *
 * @example
 * const engine = new SchedulingEngine({ plugins: defaultPlugins() });
 * engine.set(Node, node);
 * const { node } = engine.place(pod);
 */
export class SchedulingEngine<W extends ApiObject = Pod, H extends ApiObject = Node> {
  readonly #cluster: Cluster<W, H>;
  readonly #profile: ProfileEngine<W, H>;
  // how far decisions had come at each fork that is open
  readonly #sequences: number[] = [];
  // counts the changes: an explanation is of the cluster at the time of its decision while this is the same
  #changes = 0;

  /** @throws TypeError or RangeError for plugins or a percentage that make no sense. */
  constructor(options: SchedulingEngineOptions<W, H>) {
    // the model is that of Pods exactly where none was given
    const model = options.model ?? (podModel() as unknown as SchedulingModel<W, H>);
    this.#cluster = new Cluster(model, options.onEvent);
    this.#profile = new ProfileEngine(
      this.#cluster,
      options.plugins,
      options.seed ?? 0,
      options.percentageOfNodesToScore,
    );
  }

  /** How many hosts there are. */
  get hosts(): number {
    return this.#cluster.size;
  }

  /** How many workloads are placed. */
  get placed(): number {
    return this.#cluster.placed;
  }

  /**
   * Takes over the newest state of an object: a host, a workload (which is placed if it names a host), or any other that plugins look at.
   *
   * @throws TypeError naming the field where the object makes no sense.
   */
  set<R extends AnyResource>(resource: R, object: ObjectOf<NoInfer<R>>): void {
    this.#changes += 1;
    // every object of a resource is an ApiObject, which TypeScript cannot see of an R that is not known yet
    this.#cluster.set(resource, object);
  }

  /** Forgets an object; nothing happens where there is none. Workloads of a host that is gone wait for it to come again. */
  unset(resource: AnyResource, key: ObjectKey): void {
    this.#changes += 1;
    this.#cluster.unset(resource, key);
  }

  /** The name of the host on which a workload is; undefined where it is on none. */
  hostOf(key: string): string | undefined {
    return this.#cluster.workload(key)?.hostName;
  }

  /**
   * Decides where a workload goes, and changes nothing: not even where the workload itself is placed already, in which case it is decided
   * as if it were not.
   *
   * @throws PluginError where a plugin fails; TypeError where the object makes no sense.
   */
  schedule(workload: W): Decision<Explanation> {
    const described = this.#cluster.describe(workload);
    return this.#decisionOf(described, this.#profile.decide(described));
  }

  /** Decides where a workload goes, and takes it to be there from now on. @throws as {@link schedule}. */
  place(workload: W): Decision<Explanation> {
    const described = this.#cluster.describe(workload);
    const choice = this.#profile.decide(described);
    if (choice.host !== undefined) this.#put(described, choice.host.name);
    // an explanation leaves the workload itself out of account, as the decision did
    return this.#decisionOf(described, choice);
  }

  /**
   * Places a group of workloads, none of which is placed, or changes nothing where fewer than `minCount` can be: see {@link GroupOptions}.
   *
   * Those with the higher priority are tried first, then those that come first; each goes where it is best beside the others.
   * Of several domains the one wins where most are placed, then with the highest sum of totals, then the fullest, then by name. With
   * `makeRoom` the answer may name victims: nothing is placed then. The caller removes them, may keep the room by setting each member
   * with the host it is intended for (as `status.nominatedNodeName`), and tries the group again once they are gone.
   *
   * @throws as {@link schedule}; TypeError or RangeError for options that make no sense.
   */
  placeGroup(workloads: readonly W[], options: GroupOptions = {}): GroupDecision<W> {
    const members = workloads.map((workload) => this.#cluster.describe(workload));
    this.#changes += 1;
    return placeGroup(this.#cluster, { profile: this.#profile, members, options });
  }

  /** Takes a workload to be on a host from now on, whatever the plugins say. */
  assume(workload: W, host: string): void {
    this.#put(this.#cluster.describe(workload), host);
  }

  /** Decides who has to go for a workload that fits nowhere: changes nothing. @throws as {@link schedule}. */
  makeRoom(workload: W): Placement<W> | Rejection | undefined {
    return this.#profile.makeRoom(this.#cluster.describe(workload));
  }

  /** Everything there is to say about placing a workload now: slow and complete. @throws as {@link schedule}. */
  evaluate(workload: W): Evaluation {
    return this.#profile.evaluate(this.#cluster.describe(workload));
  }

  /** Starts a what-if: every change from here on can be taken back. Forks may be started within forks. */
  fork(): void {
    this.#sequences.push(this.#profile.sequence);
    this.#cluster.fork();
  }

  /** Keeps what has changed since the last fork. @throws TypeError where there is none. */
  commit(): void {
    this.#expectFork('commit');
    this.#sequences.pop();
    this.#cluster.commit();
  }

  /** Takes back what has changed since the last fork: everything is then as if it had never been. @throws TypeError where there is none. */
  rollback(): void {
    this.#expectFork('rollback');
    this.#changes += 1;
    this.#profile.sequence = this.#sequences.pop() as number;
    this.#cluster.rollback();
  }

  /** Runs `work` in a fork, and takes back what it changed. */
  whatIf<T>(work: (engine: this) => T): T {
    this.fork();
    const depth = this.#sequences.length;
    try {
      return work(this);
    } finally {
      while (this.#sequences.length >= depth) this.rollback();
    }
  }

  /** How many more workloads like this one fit, and on which hosts they would go. @param limit - No more are counted; 10,000 unless given. */
  howManyMoreFit(
    workload: W,
    limit = 10_000,
  ): { readonly count: number; readonly byHost: ReadonlyMap<string, number> } {
    return this.whatIf(() => {
      const byHost = new Map<string, number>();
      let count = 0;
      for (; count < limit; count += 1) {
        const { node } = this.place(renamed(workload, `${workload.metadata.name}-${count}`));
        if (node === undefined) break;
        byHost.set(node, (byHost.get(node) ?? 0) + 1);
      }
      return { count, byHost };
    });
  }

  /** Where the workloads of some hosts would go if these hosts went away: the most important first, changing nothing. */
  drain(...hosts: readonly string[]): DrainPlan {
    return this.whatIf(() => {
      const workloads: PlacedWorkload<W, H>[] = [];
      for (const name of hosts) {
        workloads.push(...(this.#cluster.host(name)?.workloads ?? []));
        this.unset(this.#cluster.model.host, { name });
      }
      workloads.sort((a, b) => b.priority - a.priority || (a.key < b.key ? -1 : 1));
      for (const workload of workloads) this.#cluster.forget(workload);
      const moves = new Map<string, string>();
      const stuck = new Map<string, string>();
      for (const { key, object } of workloads) {
        const { node, message } = this.place(this.#cluster.model.unplaced?.(object) ?? object);
        if (node === undefined) stuck.set(key, message ?? '');
        else moves.set(key, node);
      }
      return { moves, stuck };
    });
  }

  #put(workload: PlacedWorkload<W, H>, host: string): void {
    this.#changes += 1;
    this.#cluster.place(workload, host);
  }

  #decisionOf(workload: PlacedWorkload<W, H>, choice: Choice<W, H>): Decision<Explanation> {
    const changes = this.#changes;
    return this.#profile.decisionOf(workload, choice, () => changes !== this.#changes);
  }

  #expectFork(what: string): void {
    if (this.#sequences.length === 0)
      throw new TypeError(`${what}: expected a fork before it, and there is none`);
  }
}

function renamed<W extends ApiObject>(workload: W, name: string): W {
  return { ...workload, metadata: { ...workload.metadata, name } };
}

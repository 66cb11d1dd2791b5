import type { Random } from '../../../src/core/index.js';
import type { Pod as PodResource } from '../../../src/resources/kinds/index.js';
import type { SchedulingEngine } from '../../../src/scheduler/engine/scheduling-engine.js';
import { boundTo, type Cluster, type Input } from '../plain/cluster.js';
import { randomPod } from '../plain/random-cluster.js';
import type { Meta, Pod } from '../plain/types.js';
import { engineOf, LISTS } from './vector-engine.js';

/** An object of any kind. */
export interface AnyObject {
  readonly metadata: Meta;
}

/** The lists of a cluster but pods. */
export type ListName = Exclude<keyof Cluster, 'pods' | 'nominated'>;

/** All objects by list and key; `pods` has those that room is kept for as well. */
type State = ReadonlyMap<string, Map<string, AnyObject>>;

const FIRST_START = Date.UTC(2026, 2, 1);
const SECOND = 1000;

/** An engine, and beside it plain lists of what it should know: both change together. */
export class MovingCluster {
  readonly engine: SchedulingEngine;
  // as the engine should have it, and as it was at each fork that is open
  #state: State;
  readonly #forks: State[] = [];
  // how many pods were made: each has a start time of its own
  #made = 0;

  /** @param engine - One that knows the cluster already. */
  constructor(input: Input, engine: SchedulingEngine = engineOf(input)) {
    this.engine = engine;
    const { pod: _, nominated = [], ...lists } = input;
    const all = { ...lists, pods: [...lists.pods, ...nominated] };
    this.#state = new Map(
      Object.keys(LISTS).map((name) => [
        name,
        new Map(
          ((all as unknown as Record<string, readonly AnyObject[]>)[name] ?? []).map((object) => [
            keyOf(object),
            object,
          ]),
        ),
      ]),
    );
  }

  get forks(): number {
    return this.#forks.length;
  }

  /** Everything as plain lists. */
  get lists(): Cluster {
    const pods = this.pods;
    const lists = Object.fromEntries(Array.from(this.#state, ([name, all]) => [name, [...all.values()]]));
    return {
      ...(lists as unknown as Cluster),
      pods: pods.filter(({ spec }) => isNamed(spec.nodeName)),
      nominated: pods.filter(({ spec }) => !isNamed(spec.nodeName)),
    };
  }

  /** Those that are bound, and those that room is kept for. */
  get pods(): readonly Pod[] {
    return this.all('pods') as readonly Pod[];
  }

  all(list: string): readonly AnyObject[] {
    return [...this.#of(list).values()];
  }

  /** The lists without a pod, and that pod to be placed: as a decision about it sees them. */
  inputFor(pod: Pod): Input {
    const { pods, nominated = [], ...lists } = this.lists;
    const isOther = (other: Pod): boolean => keyOf(other) !== keyOf(pod);
    return { ...lists, pods: pods.filter(isOther), nominated: nominated.filter(isOther), pod };
  }

  /** A random pod, which may be one that is there already, as it would be if it were new. */
  randomPod(random: Random): Pod {
    const pod = randomPod(random, this.lists);
    this.#made += 1;
    return {
      ...pod,
      metadata: { ...pod.metadata, name: `p${random.integer(70)}` },
      status: {
        ...pod.status,
        startTime: new Date(FIRST_START + this.#made * SECOND).toISOString().replace('.000', ''),
      },
    };
  }

  set(list: ListName | 'pods', object: AnyObject): void {
    this.engine.set(resourceOf(list), object as never);
    if (list === 'pods' && !takesRoom(object as Pod)) this.#of(list).delete(keyOf(object));
    else this.#of(list).set(keyOf(object), object);
  }

  unset(list: ListName | 'pods', { metadata: { name, namespace } }: AnyObject): void {
    this.engine.unset(resourceOf(list), { name, namespace });
    this.#of(list).delete(keyOf({ metadata: { name, ...(namespace === undefined ? {} : { namespace }) } }));
  }

  /** The node that was chosen, if any. */
  place(pod: Pod): string | undefined {
    const { node } = this.engine.place(pod as never);
    if (node !== undefined) this.#bind(pod, node);
    return node;
  }

  assume(pod: Pod, node: string): void {
    this.engine.assume(pod as never, node);
    this.#bind(pod, node);
  }

  fork(): void {
    this.engine.fork();
    this.#forks.push(new Map(Array.from(this.#state, ([name, all]) => [name, new Map(all)])));
  }

  commit(): void {
    this.engine.commit();
    this.#forks.pop();
  }

  rollback(): void {
    this.engine.rollback();
    this.#state = this.#forks.pop() as State;
  }

  #bind(pod: Pod, node: string): void {
    this.#of('pods').set(keyOf(pod), boundTo(pod, { metadata: { name: node }, spec: {}, status: {} }));
  }

  #of(list: string): Map<string, AnyObject> {
    return this.#state.get(list) as Map<string, AnyObject>;
  }
}

function resourceOf(list: string): typeof PodResource {
  // objects go in as they are, whatever their kind
  return LISTS[list] as unknown as typeof PodResource;
}

function takesRoom({ spec, status }: Pod): boolean {
  const hasEnded = (status as { readonly phase?: string } | undefined)?.phase === 'Succeeded';
  return !hasEnded && (isNamed(spec.nodeName) || isNamed(status?.nominatedNodeName));
}

function isNamed(name: string | undefined): boolean {
  return name !== undefined && name !== '';
}

function keyOf({ metadata: { name, namespace = '' } }: AnyObject): string {
  return `${namespace}/${name}`;
}

import { Namespace, Node, Pod, type PodSpec } from '../../../../src/resources/kinds/index.js';
import { Cluster } from '../../../../src/scheduler/cluster/index.js';
import { type HostInfo, type Plugin, SKIP } from '../../../../src/scheduler/framework/index.js';
import { podModel } from '../../../../src/scheduler/pods/pod-model.js';

export const HOST = 'kubernetes.io/hostname';
export const ZONE = 'topology.kubernetes.io/zone';

type Labels = Readonly<Record<string, string>>;

/** Everything that a plugin says about a Pod, by the name of the node. */
export interface Answers {
  readonly filter: 'skip' | 'no' | Readonly<Record<string, string>>;
  /** As they are before and after they are normalised, of the nodes that pass. */
  readonly scores: 'skip' | Readonly<Record<string, readonly [number, number]>>;
}

/** A node with its own name as its hostname, and maybe a zone and more labels. */
export function node(name: string, zone?: string, labels: Labels = {}, spec: Node['spec'] = {}): Node {
  const metadata = {
    name,
    labels: { [HOST]: name, ...(zone === undefined ? {} : { [ZONE]: zone }), ...labels },
  };
  return { apiVersion: 'v1', kind: 'Node', metadata, spec } as unknown as Node;
}

/** What a Pod may say beside its name. */
export interface PodParts {
  readonly namespace?: string;
  readonly labels?: Labels;
  readonly on?: string;
  readonly spec?: Partial<PodSpec>;
  readonly metadata?: Partial<Pod['metadata']>;
}

export function pod(
  name: string,
  { namespace: its = 'default', labels = {}, on, spec, metadata }: PodParts = {},
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: its, labels, ...metadata },
    spec: { containers: [], ...spec, ...(on === undefined ? {} : { nodeName: on }) },
  } as unknown as Pod;
}

export function namespace(name: string, labels: Labels): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } } as unknown as Namespace;
}

export function cluster(...objects: readonly (Node | Pod | Namespace)[]): Cluster<Pod, Node> {
  const made = new Cluster(podModel());
  for (const object of objects) put(made, object);
  return made;
}

/** Sets an object of a kind that says itself what it is. */
export function put(target: Cluster<Pod, Node>, object: Node | Pod | Namespace): void {
  const resource = object.kind === 'Node' ? Node : object.kind === 'Pod' ? Pod : Namespace;
  target.set(resource, object);
}

/** Asks a plugin about all nodes as the engine does. */
export function answers<F, S>(
  plugin: Plugin<Pod, Node, F, S>,
  target: Cluster<Pod, Node>,
  object: Pod,
): Answers {
  const workload = target.describe(object);
  const hosts = [...target.hosts()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const plan = plugin.preFilter?.(workload, target);
  if (plan !== SKIP && plan !== undefined && 'code' in plan) return { filter: 'no', scores: 'skip' };
  const filter: Record<string, string> = {};
  let left: readonly HostInfo<Pod, Node>[] = hosts;
  if (plan !== SKIP) {
    left = hosts.filter((host) => {
      const rejection = plugin.filter?.(workload, host, plan?.state as F);
      filter[host.name] =
        rejection === undefined ? 'yes' : `${rejection.code}: ${rejection.reasons.join(', ')}`;
      return rejection === undefined;
    });
  }
  return { filter: plan === SKIP ? 'skip' : filter, scores: scoresOf(plugin, target, object, left) };
}

function scoresOf<F, S>(
  plugin: Plugin<Pod, Node, F, S>,
  target: Cluster<Pod, Node>,
  object: Pod,
  hosts: readonly HostInfo<Pod, Node>[],
): Answers['scores'] {
  const workload = target.describe(object);
  const plan = plugin.preScore?.(workload, target, () => hosts);
  if (plan === SKIP) return 'skip';
  const state = plan?.state as S;
  const raw = hosts.map((host) => plugin.score?.(workload, host, state) ?? Number.NaN);
  const normalized = [...raw];
  if (typeof plugin.normalize === 'function') plugin.normalize(normalized, workload, hosts, state);
  const entries = hosts.map(({ name }, at) => [name, [raw[at] as number, normalized[at] as number]] as const);
  return Object.fromEntries(entries);
}

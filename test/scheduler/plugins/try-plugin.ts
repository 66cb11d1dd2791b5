import { Node, Pod, type PodSpec } from '../../../src/resources/kinds/index.js';
import { Cluster, type PlacedWorkload } from '../../../src/scheduler/cluster/index.js';
import type { Plugin, Remedy } from '../../../src/scheduler/framework/index.js';
import { podModel } from '../../../src/scheduler/pods/pod-model.js';

/** A Node; `rest` is its spec and status. */
export function nodeOf(
  name: string,
  { labels = {}, ...rest }: Pick<Node, 'spec' | 'status'> & { labels?: Record<string, string> } = {},
): Node {
  const metadata = { ...metadataOf(name), labels };
  return { apiVersion: 'v1', kind: 'Node', metadata, ...rest } as unknown as Node;
}

/** A Node that has so much of everything. */
export function roomyNode(name: string, allocatable: Record<string, string>): Node {
  return nodeOf(name, { status: { allocatable: { pods: '10', ...allocatable } } });
}

/** A Pod with one container, unless the spec says otherwise. */
export function podOf(name: string, spec: Partial<PodSpec> = {}, status: Pod['status'] = {}): Pod {
  const metadata = { ...metadataOf(name), namespace: 'default' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: { containers: [{ name: 'main' }], ...spec },
    status,
  } as unknown as Pod;
}

/** A container that requests so much. */
export function containerOf(requests: Record<string, string>, name = 'main'): PodSpec['containers'][number] {
  return { name, resources: { requests } };
}

/** Nodes, with Pods on them that name their node. */
export function clusterOf(nodes: readonly Node[], pods: readonly Pod[] = []): Cluster<Pod, Node> {
  const cluster = new Cluster(podModel());
  for (const node of nodes) cluster.set(Node, node);
  for (const pod of pods) cluster.set(Pod, pod);
  return cluster;
}

/** What a filter says of each node: `ok` or its reasons; one text where it speaks of all at once. */
export function filterAll<F, S>(
  plugin: Plugin<Pod, Node, F, S>,
  cluster: Cluster<Pod, Node>,
  pod: Pod,
): Readonly<Record<string, string>> | string {
  const workload = cluster.describe(pod);
  const plan = plugin.preFilter?.(workload, cluster) ?? {};
  if (plan === 'skip') return 'skipped';
  if ('code' in plan) return `${plan.code}: ${plan.reasons.join(', ')}`;
  const answers: Record<string, string> = {};
  for (const host of cluster.hosts()) {
    const rejection =
      plan.hosts?.has(host.name) === false ? 'left out' : plugin.filter?.(workload, host, plan.state as F);
    answers[host.name] =
      rejection === undefined
        ? 'ok'
        : rejection === 'left out'
          ? rejection
          : `${rejection.code}: ${rejection.reasons.join(', ')}`;
  }
  return answers;
}

/** What would make the filter say yes to a node. */
export function remedyFor<F, S>(
  plugin: Plugin<Pod, Node, F, S>,
  cluster: Cluster<Pod, Node>,
  pod: Pod,
  node: string,
): Remedy | undefined {
  const workload = cluster.describe(pod);
  const plan = plugin.preFilter?.(workload, cluster) ?? {};
  if (plan === 'skip' || 'code' in plan) return undefined;
  return plugin.remedy?.(workload, hostIn(cluster, node), plan.state as F);
}

/** The scores before they are normalised, in the order of the nodes. */
export function scoreAll<F, S>(
  plugin: Plugin<Pod, Node, F, S>,
  cluster: Cluster<Pod, Node>,
  pod: Pod,
): readonly number[] | string {
  const workload = cluster.describe(pod);
  const hosts = [...cluster.hosts()];
  const plan = plugin.preScore?.(workload, cluster, () => hosts) ?? {};
  if (plan === 'skip') return 'skipped';
  return hosts.map((host) => plugin.score?.(workload, host, plan.state as S) ?? Number.NaN);
}

/** Whether a change of a Node wakes a Pod. */
export function isWokenBy<F, S>(
  plugin: Plugin<Pod, Node, F, S>,
  pod: Pod,
  after: Node,
  before?: Node,
): boolean | undefined {
  const cluster = clusterOf([after]);
  const host = hostIn(cluster, after.metadata.name);
  return plugin.wakes?.({ type: 'host', host, before }, cluster.describe(pod));
}

/** Whether a Pod that leaves its node wakes another. */
export function isWokenByRemoval<F, S>(
  plugin: Plugin<Pod, Node, F, S>,
  pod: Pod,
  gone: Pod,
): boolean | undefined {
  const cluster = clusterOf([]);
  const workload: PlacedWorkload<Pod, Node> = cluster.describe(gone);
  return plugin.wakes?.({ type: 'removed', workload, host: 'n1' }, cluster.describe(pod));
}

function hostIn(cluster: Cluster<Pod, Node>, name: string): NonNullable<ReturnType<typeof cluster.host>> {
  const host = cluster.host(name);
  if (host === undefined) throw new Error(`no node ${name}`);
  return host;
}

function metadataOf(name: string): object {
  return { name, uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
}

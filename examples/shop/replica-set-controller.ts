import { type Client, type Controller, controller, setControllerReference } from 'keelson';
import { Pod, ReplicaSet } from 'keelson/kinds';
import { freeNames, isActive, isReady, podsOf } from './pods.js';

/**
 * Keeps as many Pods of a template as a ReplicaSet asks for.
 *
 * It counts on the server and names Pods by the lowest free number, so that neither a retry nor a stale cache makes one too many. Too many
 * Pods go in this order: those that are not ready first, then the highest name. It adopts no orphans.
 */
export const replicaSetController: Controller = controller('replica-set')
  .for(ReplicaSet)
  .owns(Pod)
  .options({ concurrency: 2 })
  .reconcile(async ({ object: set, client, log }) => {
    if (!set || set.metadata.deletionTimestamp !== undefined) return;
    const all = await podsOf(client, set);
    const active = all.filter(isActive);
    const wanted = set.spec.replicas ?? 1;
    const created = await createPods(client, set, freeNames(set.metadata.name, all, wanted - active.length));
    const deleted = await deletePods(client, excess(active, active.length - wanted));
    if (created.length > 0) log.info({}, `made ${list(created)}`);
    if (deleted.length > 0) log.info({}, `removed ${list(deleted)}`);
    await writeStatus(client, set, [...active.filter((pod) => !deleted.includes(pod)), ...created]);
  });

async function createPods(client: Client, set: ReplicaSet, names: readonly string[]): Promise<Pod[]> {
  const { namespace } = set.metadata;
  const { metadata: template, spec = { containers: [] } } = set.spec.template ?? {};
  return Promise.all(
    names.map((name) => {
      const { labels = {}, annotations = {} } = template ?? {};
      const pod = { metadata: { name, namespace, labels, annotations }, spec };
      return client.create(Pod, setControllerReference(set, pod));
    }),
  );
}

/** The `count` Pods that are missed least. */
function excess(pods: readonly Pod[], count: number): readonly Pod[] {
  const byWorth = [...pods].sort(
    (a, b) => Number(isReady(a)) - Number(isReady(b)) || ordinalOf(b) - ordinalOf(a),
  );
  return byWorth.slice(0, Math.max(0, count));
}

function ordinalOf(pod: Pod): number {
  return Number(pod.metadata.name.slice(pod.metadata.name.lastIndexOf('-') + 1));
}

async function deletePods(client: Client, pods: readonly Pod[]): Promise<readonly Pod[]> {
  for (const { metadata } of pods) {
    // the uid: another Pod of this name would be somebody else's
    await client.delete(Pod, metadata, { preconditions: { uid: metadata.uid } });
  }
  return pods;
}

async function writeStatus(client: Client, set: ReplicaSet, pods: readonly Pod[]): Promise<void> {
  const ready = pods.filter(isReady).length;
  const status = {
    replicas: pods.length,
    fullyLabeledReplicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    observedGeneration: set.metadata.generation,
  };
  await client.patch(
    ReplicaSet,
    set.metadata,
    { type: 'merge', patch: { status } },
    { subresource: 'status' },
  );
}

function list(pods: readonly Pod[]): string {
  return pods.map((pod) => pod.metadata.name).join(', ');
}

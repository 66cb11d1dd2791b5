import {
  type Client,
  type Controller,
  controller,
  edit,
  isControlledBy,
  LabelSelector,
  type Logger,
  setControllerReference,
  TerminalError,
} from 'keelson';
import { Deployment, ReplicaSet } from 'keelson/kinds';
import { hashOf } from './hash-of.js';

/** The label by which the ReplicaSets of one Deployment, and their Pods, tell themselves apart. */
const HASH = 'pod-template-hash';

/** How many ReplicaSets of the past are kept unless the Deployment says. */
const HISTORY = 10;

/**
 * Runs each version of a Pod template in a ReplicaSet of its own, and moves from one version to the next.
 *
 * A ReplicaSet is named after the hash of its template, so it is never made twice. A rolling update goes step by step: each reconcile makes
 * the moves that `maxSurge` and `maxUnavailable` allow now; the status of a ReplicaSet brings the next one.
 *
 * Source: the Deployment controller of Kubernetes (`rolling.go`), without pausing, rollback and deadlines.
 */
export const deploymentController: Controller = controller('deployment')
  .for(Deployment)
  .owns(ReplicaSet)
  .options({ concurrency: 2 })
  .reconcile(async ({ object: deployment, client, log }) => {
    if (!deployment || deployment.metadata.deletionTimestamp !== undefined) return;
    const known = await setsOf(client, deployment);
    const name = `${deployment.metadata.name}-${hashOf(deployment.spec.template)}`;
    const current =
      known.find((set) => set.metadata.name === name) ?? (await makeSet(client, deployment, name, log));
    const old = known.filter((set) => set !== current).sort(byAge);
    const moves = deployment.spec.strategy?.type === 'Recreate' ? recreate : roll;
    for (const [set, replicas] of moves(deployment, current, old)) {
      log.info({}, `${set.metadata.name}: ${set.spec.replicas} -> ${replicas} replicas`);
      await client.update(ReplicaSet, scaled(set, replicas));
    }
    await forgetHistory(client, deployment, old);
    await writeStatus(client, deployment, current, old);
  });

/** ReplicaSets with the number of replicas that each should have now. */
type Moves = readonly (readonly [ReplicaSet, number])[];

/** All of the old goes before anything of the new comes. */
function recreate(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): Moves {
  const running = old.filter((set) => wantedOf(set) > 0 || (set.status?.replicas ?? 0) > 0);
  if (running.length > 0) return running.filter((set) => wantedOf(set) > 0).map((set) => [set, 0] as const);
  const replicas = deployment.spec.replicas ?? 1;
  return wantedOf(current) === replicas ? [] : [[current, replicas]];
}

/** Up to `maxSurge` too many and `maxUnavailable` too few at any time. */
function roll(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): Moves {
  const replicas = deployment.spec.replicas ?? 1;
  const { surge, unavailable } = limits(deployment, replicas);
  const total = sum([current, ...old], wantedOf);
  const room = replicas + surge - total;
  const target = Math.min(replicas, wantedOf(current) + Math.max(0, room));
  if (target !== wantedOf(current)) return [[current, target]];

  // what is not available in the new set cannot be missed in the old ones
  const least = replicas - unavailable;
  let allowed = total - least - (wantedOf(current) - availableOf(current));
  let spare = sum([current, ...old], availableOf) - least;
  const left = new Map(old.map((set) => [set, wantedOf(set)]));
  const take = (set: ReplicaSet, count: number): number => {
    const taken = Math.max(0, Math.min(count, allowed));
    left.set(set, (left.get(set) ?? 0) - taken);
    allowed -= taken;
    return taken;
  };
  // replicas that serve nobody first; then as many as can be spared of those that do, oldest set first
  for (const set of old) take(set, wantedOf(set) - availableOf(set));
  for (const set of old) spare -= take(set, Math.min(left.get(set) ?? 0, Math.max(0, spare)));
  return [...left].filter(([set, count]) => count !== wantedOf(set));
}

function limits(deployment: Deployment, replicas: number): { surge: number; unavailable: number } {
  const { maxSurge = '25%', maxUnavailable = '25%' } = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = Math.ceil(share(maxSurge, replicas));
  const unavailable = Math.min(replicas, Math.floor(share(maxUnavailable, replicas)));
  // with neither, nothing could ever move
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** A number as it is, or a percentage of `whole`. */
function share(value: number | string, whole: number): number {
  if (typeof value === 'number') return value;
  if (/^\d+%$/.test(value)) return (Number.parseInt(value, 10) / 100) * whole;
  throw new TerminalError(
    `spec.strategy.rollingUpdate: expected a number or a percentage such as "25%", got "${value}"`,
  );
}

function scaled(set: ReplicaSet, replicas: number): ReplicaSet {
  return edit(set, (draft) => {
    draft.spec.replicas = replicas;
  });
}

function wantedOf(set: ReplicaSet): number {
  return set.spec.replicas ?? 1;
}

/** The replicas that serve; a status from before a scaling down may count too many. */
function availableOf(set: ReplicaSet): number {
  return Math.min(wantedOf(set), set.status?.availableReplicas ?? 0);
}

function sum(sets: readonly ReplicaSet[], countOf: (set: ReplicaSet) => number): number {
  return sets.reduce((total, set) => total + countOf(set), 0);
}

function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const [left, right] = [a.metadata, b.metadata].map(
    ({ creationTimestamp, name }) => `${creationTimestamp} ${name}`,
  );
  return left === right ? 0 : (left ?? '') < (right ?? '') ? -1 : 1;
}

async function setsOf(client: Client, deployment: Deployment): Promise<readonly ReplicaSet[]> {
  const labelSelector = LabelSelector.from(deployment.spec.selector);
  const { items } = await client.listAll(ReplicaSet, {
    namespace: deployment.metadata.namespace,
    labelSelector,
  });
  return items.filter((set) => isControlledBy(set, deployment));
}

/** Makes the ReplicaSet of the present template; it starts empty, and the rollout fills it. */
async function makeSet(
  client: Client,
  deployment: Deployment,
  name: string,
  log: Logger,
): Promise<ReplicaSet> {
  const { selector, template } = deployment.spec;
  const hash = { [HASH]: name.slice(deployment.metadata.name.length + 1) };
  const labels = { ...template.metadata?.labels, ...hash };
  const set = await client.create(
    ReplicaSet,
    setControllerReference(deployment, {
      metadata: { name, namespace: deployment.metadata.namespace, labels },
      spec: {
        replicas: 0,
        selector: { ...selector, matchLabels: { ...selector.matchLabels, ...hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    }),
  );
  log.info({}, `made ${name} for ${images(deployment)}`);
  return set;
}

/** Deletes empty ReplicaSets beyond `revisionHistoryLimit`, oldest first. */
async function forgetHistory(
  client: Client,
  deployment: Deployment,
  old: readonly ReplicaSet[],
): Promise<void> {
  const empty = old.filter((set) => wantedOf(set) === 0 && (set.status?.replicas ?? 0) === 0);
  const surplus = empty.length - (deployment.spec.revisionHistoryLimit ?? HISTORY);
  for (const { metadata } of empty.slice(0, Math.max(0, surplus))) {
    await client.delete(ReplicaSet, metadata, { preconditions: { uid: metadata.uid } });
  }
}

async function writeStatus(
  client: Client,
  deployment: Deployment,
  current: ReplicaSet,
  old: readonly ReplicaSet[],
): Promise<void> {
  const sets = [current, ...old];
  const available = sum(sets, (set) => set.status?.availableReplicas ?? 0);
  const status = {
    replicas: sum(sets, (set) => set.status?.replicas ?? 0),
    updatedReplicas: current.status?.replicas ?? 0,
    readyReplicas: sum(sets, (set) => set.status?.readyReplicas ?? 0),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, (deployment.spec.replicas ?? 1) - available),
    observedGeneration: deployment.metadata.generation,
  };
  await client.patch(
    Deployment,
    deployment.metadata,
    { type: 'merge', patch: { status } },
    { subresource: 'status' },
  );
}

function images(deployment: Deployment): string {
  return (deployment.spec.template.spec?.containers ?? []).map(({ image }) => image).join(', ');
}

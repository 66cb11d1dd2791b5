import { jsonEqual } from '../../core/index.js';
import {
  type Node,
  PersistentVolume,
  PersistentVolumeClaim,
  type Pod,
  StorageClass,
} from '../../resources/kinds/index.js';
import {
  definePlugin,
  type ClusterView,
  type Plugin,
  type Rejection,
  SKIP,
  unresolvable,
  type WorkloadInfo,
} from '../framework/index.js';
import { changeOf } from './volumes/change-of.js';
import { claimNotFound } from './volumes/claim-of-pod.js';
import { classNameOf, volumeNameOf } from './volumes/claim.js';
import { usesClaim, volumesOf } from './volumes/pod-volumes.js';

/** The labels that tell where a node or volume is, each with the label that has taken its place. */
const TOPOLOGY: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'],
  ['topology.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['topology.kubernetes.io/region', 'topology.kubernetes.io/region'],
]);
const KEYS: readonly string[] = /* @__PURE__ */ Object.freeze([...TOPOLOGY.keys()]);
const ELSEWHERE: Rejection = /* @__PURE__ */ unresolvable('node(s) had no available volume zone');

/** Where a volume is: one of some values of a label. */
interface Place {
  readonly key: string;
  readonly values: readonly string[];
}

/** Keeps Pods to nodes in the zones and regions that the labels of their volumes name; nodes without such labels are anywhere. */
export function volumeZone(): Plugin<Pod, Node> {
  return definePlugin<Pod, Node, readonly Place[]>({
    name: 'VolumeZone',
    reads: { kinds: [PersistentVolumeClaim, PersistentVolume, StorageClass] },
    preFilter(pod, cluster) {
      if (volumesOf(pod).claims.length === 0) return SKIP;
      const places: Place[] = [];
      const problem = findPlaces(pod, cluster, places);
      if (problem !== undefined) return unresolvable(problem);
      return places.length === 0 ? SKIP : { state: places };
    },
    filter: (_pod, { labels }, places) => (isIn(places, labels) ? undefined : ELSEWHERE),
    wakes(event, pod) {
      if (volumesOf(pod).claims.length === 0) return false;
      if (event.type === 'host') {
        return event.before === undefined || !isSamePlace(event.before.metadata.labels, event.host.labels);
      }
      const claim = changeOf(event, PersistentVolumeClaim);
      if (claim !== undefined) return usesClaim(pod, claim.after);
      const volume = changeOf(event, PersistentVolume);
      if (volume !== undefined) {
        return volume.before === undefined || !jsonEqual(placesOf(volume.before), placesOf(volume.after));
      }
      const added = changeOf(event, StorageClass);
      return added?.before === undefined && added?.after.volumeBindingMode === 'WaitForFirstConsumer';
    },
  });
}

/**
 * Finds where the volumes of a Pod are, or what is wrong with one of its claims.
 *
 * As in kube-scheduler, this is about claims that the Pod names, and not about those that are made for it.
 */
function findPlaces(
  pod: WorkloadInfo<Pod>,
  cluster: ClusterView<Pod, Node>,
  places: Place[],
): string | undefined {
  const { namespace } = pod;
  for (const { claim: name } of volumesOf(pod).claims) {
    if (name === undefined) continue;
    const claim = cluster.objects(PersistentVolumeClaim).get({ namespace, name });
    if (claim === undefined) return claimNotFound(name);
    const volumeName = volumeNameOf(claim);
    if (volumeName === '') {
      const problem = unboundProblem(claim, cluster);
      if (problem !== undefined) return problem;
      continue;
    }
    const volume = cluster.objects(PersistentVolume).get({ name: volumeName });
    if (volume === undefined) return `persistentvolume "${volumeName}" not found`;
    places.push(...placesOf(volume));
  }
  return undefined;
}

/** What is wrong with a claim that has no volume: nothing if it waits for its Pod to have a node. */
function unboundProblem(claim: PersistentVolumeClaim, cluster: ClusterView<Pod, Node>): string | undefined {
  const name = classNameOf(claim);
  if (name === '') return 'PersistentVolumeClaim had no pv name and storageClass name';
  const storageClass = cluster.objects(StorageClass).get({ name });
  if (storageClass === undefined) return `storageclass.storage.k8s.io "${name}" not found`;
  return storageClass.volumeBindingMode === 'WaitForFirstConsumer'
    ? undefined
    : 'PersistentVolume had no name';
}

/** Where a volume is; a label that has an empty name in it says nothing. */
function placesOf({ metadata: { labels = {} } }: PersistentVolume): Place[] {
  const places: Place[] = [];
  for (const key of KEYS) {
    if (!Object.hasOwn(labels, key)) continue;
    const values = (labels[key] as string).split('__').map((value) => value.trim());
    if (!values.includes('')) places.push({ key, values });
  }
  return places;
}

function isIn(places: readonly Place[], labels: Readonly<Record<string, string>>): boolean {
  if (!KEYS.some((key) => Object.hasOwn(labels, key))) return true;
  return places.every(({ key, values }) => {
    const own = Object.hasOwn(labels, key) ? key : (TOPOLOGY.get(key) as string);
    return Object.hasOwn(labels, own) && values.includes(labels[own] as string);
  });
}

function isSamePlace(
  before: Readonly<Record<string, string>> = {},
  after: Readonly<Record<string, string>>,
): boolean {
  return KEYS.every((key) => before[key] === after[key]);
}

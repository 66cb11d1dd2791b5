import { claimsOf, volumeOf, waitsForPod } from './claims.js';
import { labelOf, type Cluster } from './cluster.js';
import { rejectAll, SKIP, unresolvable, type FilterPlugin } from './plugin.js';
import type { Node, PersistentVolume, Pod } from './types.js';

/** Labels of zones and regions, with the new name of the old ones. */
const TOPOLOGY_LABELS: readonly (readonly [string, string])[] = [
  ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'],
  ['topology.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['topology.kubernetes.io/region', 'topology.kubernetes.io/region'],
];

/** Where a volume can be reached: nodes where one of the labels has one of the values. */
interface Place {
  readonly keys: readonly string[];
  readonly values: readonly string[];
}

/** Rejects nodes in other zones than the volumes of the pod. Nodes that are in no zone at all will do. */
export const volumeZone: FilterPlugin = {
  name: 'VolumeZone',
  preFilter: (pod, cluster) => {
    for (const claim of claimsOf(pod, cluster)) {
      const { volumeName = '', storageClassName = '' } = claim.spec;
      if (volumeName !== '') {
        if (volumeOf(claim, cluster) === undefined) {
          return rejectAll(`persistentvolume "${volumeName}" not found`);
        }
      } else if (storageClassName === '') {
        return rejectAll('PersistentVolumeClaim had no pv name and storageClass name');
      } else if (!waitsForPod(claim, cluster)) {
        return rejectAll('PersistentVolume had no name');
      }
    }
    return places(pod, cluster).length === 0 ? SKIP : undefined;
  },
  filter: (pod, node, cluster) => {
    const { labels } = node.metadata;
    if (TOPOLOGY_LABELS.every(([key]) => labelOf(labels, key) === undefined)) return undefined;
    return places(pod, cluster).every((place) => isIn(node, place))
      ? undefined
      : unresolvable('node(s) had no available volume zone');
  },
};

function places(pod: Pod, cluster: Cluster): readonly Place[] {
  return claimsOf(pod, cluster)
    .flatMap((claim) => volumeOf(claim, cluster) ?? [])
    .flatMap(placesOf);
}

/** A label may have several values, as in `z1__z2`; with an empty one among them it does not count, as is known of Kubernetes. */
function placesOf(volume: PersistentVolume): readonly Place[] {
  return TOPOLOGY_LABELS.flatMap(([key, newKey]) => {
    const values = labelOf(volume.metadata.labels, key)
      ?.split('__')
      .map((value) => value.trim());
    return values === undefined || values.includes('') ? [] : [{ keys: [key, newKey], values }];
  });
}

function isIn(node: Node, { keys, values }: Place): boolean {
  const [value] = keys.flatMap((key) => labelOf(node.metadata.labels, key) ?? []);
  return value !== undefined && values.includes(value);
}

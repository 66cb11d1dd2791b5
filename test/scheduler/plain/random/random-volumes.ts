import type { Random } from '../../../../src/core/index.js';
import type { PersistentVolumeClaim, Pod, PodSpec, Volume } from '../types.js';
import { chance, maybe, pick, several, some } from './pick.js';
import { IMAGE_REFERENCES } from './vocabulary.js';

/** Volumes of a pod, most of which need no claim, and some mount one of these claims that is in its namespace. */
export function randomVolumes(
  random: Random,
  claims: readonly PersistentVolumeClaim[],
  namespace: string,
): Pick<PodSpec, 'volumes'> {
  const volumes = [...randomDisks(random), ...randomClaims(random, claims, namespace)];
  return volumes.length === 0 ? {} : { volumes };
}

/** The claims that pods mount, by namespace and name. */
export function mountedClaims(pods: readonly Pod[]): ReadonlySet<string> {
  return new Set(
    pods.flatMap(({ metadata, spec }) =>
      (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
        persistentVolumeClaim === undefined
          ? []
          : [`${metadata.namespace}/${persistentVolumeClaim.claimName}`],
      ),
    ),
  );
}

function randomDisks(random: Random): readonly Volume[] {
  if (!chance(random, 0.12)) return [];
  return several(random, 1, 2, (index) => ({ name: `d${index}`, ...disk(random) }));
}

/** Now and then a claim is not there. */
function randomClaims(
  random: Random,
  claims: readonly PersistentVolumeClaim[],
  namespace: string,
): readonly Volume[] {
  const here = claims.filter(({ metadata }) => metadata.namespace === namespace);
  if (here.length === 0 || !chance(random, 0.15)) return [];
  const names = some(random, here, 2).map(({ metadata }) => metadata.name);
  return (chance(random, 0.03) ? ['absent'] : names).map((claimName, index) => ({
    name: `v${index}`,
    persistentVolumeClaim: { claimName },
  }));
}

function disk(random: Random): Omit<Volume, 'name'> {
  const readOnly = maybe(random, 0.5, () => ({ readOnly: true }));
  return pick<Omit<Volume, 'name'>>(random, [
    { emptyDir: {} },
    { image: { reference: pick(random, IMAGE_REFERENCES), pullPolicy: 'IfNotPresent' } },
    { gcePersistentDisk: { pdName: pick(random, ['d1', 'd2']), ...readOnly } },
    { awsElasticBlockStore: { volumeID: pick(random, ['v1', 'v2']) } },
    {
      iscsi: {
        targetPortal: '10.0.0.1:3260',
        iqn: `iqn.2026-01.com.example:${pick(random, ['a', 'b'])}`,
        lun: 0,
        ...readOnly,
      },
    },
    {
      rbd: {
        monitors: some(random, ['m1', 'm2', 'm3'], 2),
        pool: pick(random, ['rbd', 'other']),
        image: 'i',
        ...readOnly,
      },
    },
  ]);
}

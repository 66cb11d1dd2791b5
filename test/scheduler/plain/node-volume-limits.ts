import { absentClaim, claimsOf, classOf, isServedByCsi, notFound, volumeOf } from './claims.js';
import { podsOn, type Cluster } from './cluster.js';
import { SKIP, unresolvable, unschedulable, type FilterPlugin } from './plugin.js';
import type { Node, PersistentVolumeClaim, Pod } from './types.js';

interface Attachment {
  readonly driver: string;
  readonly handle: string;
}

/**
 * Rejects nodes where a driver may not attach as many volumes as the pod would bring.
 *
 * Known of Kubernetes, not from the vectors: a volume that is there already is not brought, and claims without a volume count.
 */
export const nodeVolumeLimits: FilterPlugin = {
  name: 'NodeVolumeLimits',
  preFilter: (pod) => {
    const attached = (pod.spec.volumes ?? []).some(
      (volume) => volume.persistentVolumeClaim !== undefined || isServedByCsi(volume),
    );
    return attached ? undefined : SKIP;
  },
  filter: (pod, node, cluster) => {
    const absent = absentClaim(pod, cluster);
    if (absent !== undefined) return unresolvable(notFound(absent));
    const there = unique(podsOn(node, cluster).flatMap((other) => attachments(other, cluster)));
    const brought = unique(attachments(pod, cluster)).filter((own) => !there.some((one) => same(own, one)));
    const exceeded = [...limits(node, cluster)].some(([driver, limit]) => {
      const more = brought.filter((one) => one.driver === driver).length;
      return more > 0 && there.filter((one) => one.driver === driver).length + more > limit;
    });
    return exceeded ? unschedulable('node(s) exceed max volume count') : undefined;
  },
};

function limits(node: Node, cluster: Cluster): ReadonlyMap<string, number> {
  const csiNode = (cluster.csiNodes ?? []).find(({ metadata }) => metadata.name === node.metadata.name);
  const drivers = csiNode?.spec.drivers ?? [];
  return new Map(
    drivers.flatMap(({ name, allocatable }): [string, number][] =>
      allocatable?.count === undefined ? [] : [[name, allocatable.count]],
    ),
  );
}

/** Old kinds of disk count only on nodes that say that a driver serves them, which is left out here. */
function attachments(pod: Pod, cluster: Cluster): readonly Attachment[] {
  return claimsOf(pod, cluster).flatMap((claim) => attachment(claim, cluster) ?? []);
}

/** A claim that has no volume yet counts for the one that its class will make, which is like no other. */
function attachment(claim: PersistentVolumeClaim, cluster: Cluster): Attachment | undefined {
  const volume = volumeOf(claim, cluster);
  if (volume !== undefined) {
    const { csi } = volume.spec;
    return csi === undefined ? undefined : { driver: csi.driver, handle: `volume ${csi.volumeHandle}` };
  }
  const provisioner = classOf(claim, cluster)?.provisioner;
  const { namespace, name } = claim.metadata;
  return provisioner === undefined
    ? undefined
    : { driver: provisioner, handle: `claim ${namespace}/${name}` };
}

function unique(all: readonly Attachment[]): readonly Attachment[] {
  return all.filter((one, index) => all.findIndex((other) => same(one, other)) === index);
}

function same(a: Attachment, b: Attachment): boolean {
  return a.driver === b.driver && a.handle === b.handle;
}

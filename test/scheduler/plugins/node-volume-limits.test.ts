import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pod, type PodSpec, type Volume } from '../../../src/resources/kinds/index.js';
import { nodeVolumeLimits } from '../../../src/scheduler/plugins/node-volume-limits.js';
import { clusterOf, filterAll, isWokenBy, isWokenByRemoval, nodeOf, podOf } from './try-plugin.js';
import {
  attachmentOf,
  boundClaim,
  claimOf,
  classOf,
  csiNodeOf,
  eventOf,
  setAll,
  usingClaims,
  volumeOf,
} from './volumes/volume-objects.js';

const SEED = 20_261_122;
const plugin = nodeVolumeLimits();
const FULL = 'Unschedulable: node(s) exceed max volume count';

function on(node: string, name: string, spec: Partial<PodSpec>): Pod {
  return podOf(name, { ...spec, nodeName: node });
}

function disks(...volumes: readonly Partial<Volume>[]): { volumes: Volume[] } {
  return { volumes: volumes.map((volume, index) => ({ name: `v${index}`, ...volume })) };
}

describe('NodeVolumeLimits', () => {
  it('has nothing to say of Pods without volumes that are attached', () => {
    expect(filterAll(plugin, clusterOf([nodeOf('n1')]), podOf('p', disks({ emptyDir: {} })))).toBe('skipped');
    expect(
      filterAll(plugin, clusterOf([nodeOf('n1')]), podOf('p', disks({ rbd: { monitors: [], image: '' } }))),
    ).toBe('skipped');
  });

  it('counts each volume once, against the limit of its driver', () => {
    const cluster = clusterOf(
      [nodeOf('n1'), nodeOf('n2'), nodeOf('n3')],
      [
        on('n1', 'a', usingClaims('c1')),
        on('n1', 'b', usingClaims('c1', 'c2')),
        on('n2', 'c', usingClaims('c1')),
      ],
    );
    setAll(cluster, [csiNodeOf('n1', 2), csiNodeOf('n2', 2)]);
    for (const name of ['1', '2', '3', '4'])
      setAll(cluster, [volumeOf(`v${name}`), boundClaim(`c${name}`, `v${name}`)]);
    expect(filterAll(plugin, cluster, podOf('p', usingClaims('c3')))).toEqual({
      n1: FULL,
      n2: 'ok',
      n3: 'ok',
    });
    expect(filterAll(plugin, cluster, podOf('p', usingClaims('c3', 'c4')))).toEqual({
      n1: FULL,
      n2: FULL,
      n3: 'ok',
    });
    expect(filterAll(plugin, cluster, podOf('p', usingClaims('c2')))).toEqual({
      n1: 'ok',
      n2: 'ok',
      n3: 'ok',
    });
  });

  it('counts for other drivers apart, and not at all where a node has no limit', () => {
    const other = { csi: { driver: 'other.example.com', volumeHandle: 'h' } };
    const cluster = clusterOf([nodeOf('n1')], [on('n1', 'a', usingClaims('c1'))]);
    setAll(cluster, [csiNodeOf('n1', 1), volumeOf('v1'), boundClaim('c1', 'v1')]);
    setAll(cluster, [volumeOf('v2', other), boundClaim('c2', 'v2')]);
    expect(filterAll(plugin, cluster, podOf('p', usingClaims('c2')))).toEqual({ n1: 'ok' });
  });

  it('counts a claim without a volume for the driver that will make it', () => {
    const cluster = clusterOf([nodeOf('n1')], [on('n1', 'a', usingClaims('c1'))]);
    setAll(cluster, [csiNodeOf('n1', 2), classOf('wait', { provisioner: 'csi.example.com' })]);
    setAll(cluster, [
      claimOf('c1'),
      claimOf('c2'),
      claimOf('c3'),
      claimOf('no class', { storageClassName: '' }),
    ]);
    expect(filterAll(plugin, cluster, podOf('p', usingClaims('c2')))).toEqual({ n1: 'ok' });
    expect(filterAll(plugin, cluster, podOf('p', usingClaims('c2', 'c3')))).toEqual({ n1: FULL });
    expect(filterAll(plugin, cluster, podOf('p', usingClaims('c2', 'no class')))).toEqual({ n1: 'ok' });
  });

  it('counts what is attached for Pods that have gone', () => {
    const cluster = clusterOf([nodeOf('n1')]);
    setAll(cluster, [
      csiNodeOf('n1', 1),
      volumeOf('v1'),
      volumeOf('v2'),
      boundClaim('c1', 'v1'),
      boundClaim('c2', 'v2'),
    ]);
    expect(filterAll(plugin, cluster, podOf('p', usingClaims('c1')))).toEqual({ n1: 'ok' });
    setAll(cluster, [attachmentOf('a', 'n1', 'v2')]);
    expect(filterAll(plugin, cluster, podOf('p', usingClaims('c1')))).toEqual({ n1: FULL });
    expect(filterAll(plugin, cluster, podOf('p', usingClaims('c2')))).toEqual({ n1: 'ok' });
  });

  it('counts the volumes of old plugins for their drivers, in Pods as in PersistentVolumes', () => {
    const cluster = clusterOf(
      [nodeOf('n1')],
      [on('n1', 'a', disks({ awsElasticBlockStore: { volumeID: 'aws://zone/vol-1' } }))],
    );
    setAll(cluster, [
      csiNodeOf('n1', 1, {}, 'ebs.csi.aws.com'),
      boundClaim('c1', 'v1'),
      boundClaim('c2', 'v2'),
    ]);
    setAll(cluster, [volumeOf('v1', { csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-1' } })]);
    const { csi: _csi, ...rest } = volumeOf('v2').spec ?? {};
    setAll(cluster, [
      { ...volumeOf('v2'), spec: { ...rest, awsElasticBlockStore: { volumeID: 'vol-2' } } } as never,
    ]);
    expect(filterAll(plugin, cluster, podOf('p', usingClaims('c1')))).toEqual({ n1: 'ok' });
    expect(filterAll(plugin, cluster, podOf('p', usingClaims('c2')))).toEqual({ n1: FULL });
  });

  it('counts those of Portworx where the node names the plugin alone, and those of vSphere nowhere', () => {
    const portworx = { portworxVolume: { volumeID: 'v' } };
    const cluster = clusterOf([nodeOf('n1'), nodeOf('n2')]);
    const annotations = { 'storage.alpha.kubernetes.io/migrated-plugins': 'a,kubernetes.io/portworx-volume' };
    setAll(cluster, [csiNodeOf('n1', 0, {}, 'pxd.portworx.com')]);
    setAll(cluster, [csiNodeOf('n2', 0, { annotations }, 'pxd.portworx.com')]);
    expect(filterAll(plugin, cluster, podOf('p', disks(portworx)))).toEqual({ n1: 'ok', n2: FULL });
    setAll(cluster, [csiNodeOf('n1', 0, {}, 'csi.vsphere.vmware.com')]);
    const vsphere = disks({ vsphereVolume: { volumePath: 'v' } });
    expect(filterAll(plugin, cluster, podOf('p', vsphere))).toEqual({ n1: 'ok', n2: 'ok' });
  });

  it('takes a claim that is made for a Pod as its own', () => {
    const cluster = clusterOf([nodeOf('n1')], [on('n1', 'a', disks({ ephemeral: {} }))]);
    setAll(cluster, [csiNodeOf('n1', 1), volumeOf('v1'), volumeOf('v2'), boundClaim('c2', 'v2')]);
    const mine = boundClaim('a-v0', 'v1');
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'uid-a', controller: true }];
    setAll(cluster, [mine]);
    expect(filterAll(plugin, cluster, podOf('p', usingClaims('c2')))).toEqual({ n1: 'ok' });
    setAll(cluster, [{ ...mine, metadata: { ...mine.metadata, ownerReferences } }]);
    expect(filterAll(plugin, cluster, podOf('p', usingClaims('c2')))).toEqual({ n1: FULL });
  });

  it('rejects a Pod whose claim is not there', () => {
    expect(filterAll(plugin, clusterOf([nodeOf('n1')]), podOf('p', usingClaims('c')))).toEqual({
      n1: 'UnschedulableAndUnresolvable: looking up PVC default/c: persistentvolumeclaim "c" not found',
    });
  });

  it('agrees with a count from the beginning, whatever has come and gone', () => {
    const anyStep = fc.oneof(
      fc.record({
        do: fc.constant('place' as const),
        pod: fc.nat({ max: 4 }),
        claims: fc.subarray(['c0', 'c1', 'c2', 'c3']),
      }),
      fc.record({ do: fc.constant('remove' as const), pod: fc.nat({ max: 4 }), claims: fc.constant([]) }),
      fc.record({ do: fc.constant('node' as const), pod: fc.nat({ max: 4 }), claims: fc.constant([]) }),
    );
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 30 }), fc.nat({ max: 4 }), (steps, limit) => {
        const cluster = clusterOf([nodeOf('n1')]);
        setAll(cluster, [csiNodeOf('n1', limit)]);
        for (const at of ['0', '1', '2', '3']) {
          // two claims have one volume
          const volume = at === '3' ? 'v2' : `v${at}`;
          setAll(cluster, [volumeOf(volume), boundClaim(`c${at}`, volume)]);
        }
        const placed = new Map<string, readonly string[]>();
        for (const { do: what, pod, claims } of steps) {
          const name = `p${pod}`;
          if (what === 'place') {
            cluster.set(Pod, on('n1', name, usingClaims(...claims)));
            placed.set(name, claims);
          } else if (what === 'remove') {
            cluster.unset(Pod, { namespace: 'default', name });
            placed.delete(name);
          } else {
            cluster.set({ ...cluster.model.host }, nodeOf('n1', { labels: { changed: name } }));
          }
          const volumes = new Set(
            [...placed.values()].flat().map((claim) => (claim === 'c3' ? 'c2' : claim)),
          );
          const expected = volumes.has('c0') || volumes.size + 1 <= limit ? 'ok' : FULL;
          expect(filterAll(plugin, cluster, podOf('p', usingClaims('c0')))).toEqual({ n1: expected });
        }
      }),
      { seed: SEED, numRuns: 100 },
    );
  });

  it('wakes for what can help', () => {
    const pod = podOf('p', usingClaims('c'));
    const workload = clusterOf([]).describe(pod);
    expect(isWokenByRemoval(plugin, pod, podOf('a', usingClaims('d')))).toBe(true);
    expect(isWokenByRemoval(plugin, pod, podOf('a'))).toBe(false);
    expect(isWokenBy(plugin, pod, nodeOf('n1'))).toBe(true);
    expect(isWokenBy(plugin, pod, nodeOf('n1'), nodeOf('n1'))).toBe(false);
    expect(plugin.wakes?.(eventOf(csiNodeOf('n1', 1), csiNodeOf('n1', 2)), workload)).toBe(true);
    expect(plugin.wakes?.(eventOf(csiNodeOf('n1', 2), csiNodeOf('n1', 1)), workload)).toBe(false);
    expect(plugin.wakes?.(eventOf(attachmentOf('a', 'n1', 'v')), workload)).toBe(true);
    expect(plugin.wakes?.(eventOf(undefined, attachmentOf('a', 'n1', 'v')), workload)).toBe(false);
    expect(plugin.wakes?.(eventOf(undefined, claimOf('c')), workload)).toBe(true);
    expect(plugin.wakes?.(eventOf(claimOf('c'), claimOf('c')), workload)).toBe(false);
    expect(plugin.wakes?.(eventOf(undefined, volumeOf('v')), workload)).toBe(false);
  });
});

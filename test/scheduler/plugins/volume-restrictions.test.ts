import { describe, expect, it } from 'vitest';
import { Pod, type Volume } from '../../../src/resources/kinds/index.js';
import { areInConflict } from '../../../src/scheduler/plugins/volumes/disk-conflict.js';
import { volumeRestrictions } from '../../../src/scheduler/plugins/volume-restrictions.js';
import { clusterOf, filterAll, isWokenBy, isWokenByRemoval, nodeOf, podOf } from './try-plugin.js';
import { boundClaim, eventOf, setAll, usingClaims, volumeOf } from './volumes/volume-objects.js';

const plugin = volumeRestrictions();
const TAKEN = 'Unschedulable: node(s) had no available disk';
const IN_USE =
  'Unschedulable: node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod';

function disk(rest: Partial<Volume>): { volumes: Volume[] } {
  return { volumes: [{ name: 'v', ...rest }] };
}

describe('VolumeRestrictions', () => {
  it('has nothing to say of Pods without such volumes', () => {
    const cluster = clusterOf([nodeOf('n1')]);
    expect(filterAll(plugin, cluster, podOf('p'))).toBe('skipped');
    expect(filterAll(plugin, cluster, podOf('p', disk({ emptyDir: {} })))).toBe('skipped');
    expect(filterAll(plugin, cluster, podOf('p', disk({ ephemeral: {} })))).toBe('skipped');
  });

  it('keeps a Pod off the node where another writes to its disk', () => {
    const gce = { gcePersistentDisk: { pdName: 'd' } };
    const cluster = clusterOf([nodeOf('n1'), nodeOf('n2')], [podOf('a', { ...disk(gce), nodeName: 'n1' })]);
    expect(filterAll(plugin, cluster, podOf('p', disk(gce)))).toEqual({ n1: TAKEN, n2: 'ok' });
  });

  it.each<[string, Partial<Volume>, Partial<Volume>, boolean]>([
    ['GCE disks', { gcePersistentDisk: { pdName: 'd' } }, { gcePersistentDisk: { pdName: 'e' } }, false],
    [
      'GCE disks that one reads',
      { gcePersistentDisk: { pdName: 'd', readOnly: true } },
      { gcePersistentDisk: { pdName: 'd' } },
      true,
    ],
    [
      'GCE disks that both read',
      { gcePersistentDisk: { pdName: 'd', readOnly: true } },
      { gcePersistentDisk: { pdName: 'd', readOnly: true } },
      false,
    ],
    [
      'AWS disks, even to read',
      { awsElasticBlockStore: { volumeID: 'v', readOnly: true } },
      { awsElasticBlockStore: { volumeID: 'v', readOnly: true } },
      true,
    ],
    [
      'iSCSI targets of one name',
      { iscsi: { iqn: 'i', lun: 0, targetPortal: 'a' } },
      { iscsi: { iqn: 'i', lun: 1, targetPortal: 'b' } },
      true,
    ],
    [
      'Ceph images with a monitor in common',
      { rbd: { monitors: ['a', 'b'], image: 'i' } },
      { rbd: { monitors: ['b', 'c'], image: 'i', pool: 'rbd' } },
      true,
    ],
    [
      'Ceph images of other clusters',
      { rbd: { monitors: ['a'], image: 'i' } },
      { rbd: { monitors: ['b'], image: 'i' } },
      false,
    ],
    [
      'Ceph images of other pools',
      { rbd: { monitors: ['a'], image: 'i' } },
      { rbd: { monitors: ['a'], image: 'i', pool: 'p' } },
      false,
    ],
  ])('tells whether two are the same: %s', (_what, a, b, expected) => {
    expect(areInConflict({ name: 'a', ...a }, { name: 'b', ...b })).toBe(expected);
    expect(areInConflict({ name: 'b', ...b }, { name: 'a', ...a })).toBe(expected);
  });

  it('rejects a Pod whose claim is not there', () => {
    expect(filterAll(plugin, clusterOf([nodeOf('n1')]), podOf('p', usingClaims('c')))).toBe(
      'UnschedulableAndUnresolvable: persistentvolumeclaim "c" not found',
    );
  });

  it('has all nodes refused while another Pod uses a claim for one, until that has gone', () => {
    const claim = boundClaim('c', 'pv', { accessModes: ['ReadWriteOncePod'] });
    const cluster = setAll(clusterOf([nodeOf('n1'), nodeOf('n2')]), [claim, volumeOf('pv')]);
    const pod = podOf('p', usingClaims('c'));
    expect(filterAll(plugin, cluster, pod)).toBe('skipped');
    cluster.set(Pod, podOf('a', { ...usingClaims('c'), nodeName: 'n1' }));
    expect(filterAll(plugin, cluster, pod)).toEqual({ n1: IN_USE, n2: IN_USE });
    cluster.trial(() => {
      cluster.unset(Pod, { namespace: 'default', name: 'a' });
      expect(filterAll(plugin, cluster, pod)).toBe('skipped');
    });
    expect(filterAll(plugin, cluster, pod)).toEqual({ n1: IN_USE, n2: IN_USE });
    cluster.unset(Pod, { namespace: 'default', name: 'a' });
    expect(filterAll(plugin, cluster, pod)).toBe('skipped');
  });

  it('lets Pods of other namespaces have claims of that name, and any number share another claim', () => {
    const claim = boundClaim('c', 'pv', { accessModes: ['ReadWriteOncePod'] });
    const other = { ...podOf('a', { ...usingClaims('c'), nodeName: 'n1' }) };
    const elsewhere = { ...other, metadata: { ...other.metadata, namespace: 'other' } };
    const cluster = setAll(clusterOf([nodeOf('n1')], [elsewhere]), [claim, boundClaim('shared', 'pv2')]);
    cluster.set(Pod, podOf('b', { ...usingClaims('shared'), nodeName: 'n1' }));
    expect(filterAll(plugin, cluster, podOf('p', usingClaims('c', 'shared')))).toBe('skipped');
  });

  it('wakes for what can help', () => {
    const pod = podOf('p', usingClaims('c'));
    const onDisk = podOf('p', disk({ gcePersistentDisk: { pdName: 'd' } }));
    expect(isWokenByRemoval(plugin, pod, podOf('a', usingClaims('c')))).toBe(true);
    expect(isWokenByRemoval(plugin, pod, podOf('a', usingClaims('d')))).toBe(false);
    expect(isWokenByRemoval(plugin, onDisk, podOf('a', disk({ gcePersistentDisk: { pdName: 'd' } })))).toBe(
      true,
    );
    expect(isWokenByRemoval(plugin, onDisk, podOf('a', disk({ gcePersistentDisk: { pdName: 'e' } })))).toBe(
      false,
    );
    expect(isWokenBy(plugin, onDisk, nodeOf('n1'))).toBe(true);
    expect(isWokenBy(plugin, onDisk, nodeOf('n1'), nodeOf('n1'))).toBe(false);
    const workload = clusterOf([]).describe(pod);
    expect(plugin.wakes?.(eventOf(undefined, boundClaim('c', 'pv')), workload)).toBe(true);
    expect(plugin.wakes?.(eventOf(undefined, boundClaim('d', 'pv')), workload)).toBe(false);
    expect(plugin.wakes?.(eventOf(boundClaim('c', 'pv')), workload)).toBe(false);
  });
});

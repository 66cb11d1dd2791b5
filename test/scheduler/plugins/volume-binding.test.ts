import { describe, expect, it } from 'vitest';
import type { Pod, Volume } from '../../../src/resources/kinds/index.js';
import { volumeBinding } from '../../../src/scheduler/plugins/volume-binding.js';
import { clusterOf, filterAll, isWokenBy, isWokenByRemoval, nodeOf, podOf, scoreAll } from './try-plugin.js';
import {
  boundClaim,
  capacityOf,
  claimOf,
  classOf,
  csiDriverOf,
  csiNodeOf,
  eventOf,
  setAll,
  usingClaims,
  volumeAt,
  volumeOf,
} from './volumes/volume-objects.js';

const plugin = volumeBinding();
const UNREACHABLE = "UnschedulableAndUnresolvable: node(s) didn't match PersistentVolume's node affinity";
const NO_VOLUME = "UnschedulableAndUnresolvable: node(s) didn't find available persistent volumes to bind";
const NO_SPACE = 'UnschedulableAndUnresolvable: node(s) did not have enough free storage';
const ZONE = 'topology.kubernetes.io/zone';

const nodes = [
  nodeOf('n1', { labels: { host: 'n1', [ZONE]: 'z1' } }),
  nodeOf('n2', { labels: { host: 'n2', [ZONE]: 'z2' } }),
];
const made = { provisioner: 'csi.example.com' };
const pod = podOf('p', usingClaims('c'));

function verdicts(
  objects: Parameters<typeof setAll>[1],
  of: Pod = pod,
): Readonly<Record<string, string>> | string {
  return filterAll(plugin, setAll(clusterOf(nodes), objects), of);
}

function ephemeral(name: string): { volumes: Volume[] } {
  return { volumes: [{ name, ephemeral: {} }] };
}

describe('VolumeBinding', () => {
  it('has nothing to say of Pods without claims, and never scores', () => {
    expect(verdicts([], podOf('p', { volumes: [{ name: 'v', emptyDir: {} }] }))).toBe('skipped');
    expect(scoreAll(plugin, setAll(clusterOf(nodes), []), pod)).toBe('skipped');
  });

  it('rejects a Pod for a claim that is not there, lost, or about to go', () => {
    expect(verdicts([])).toBe('UnschedulableAndUnresolvable: persistentvolumeclaim "c" not found');
    expect(verdicts([{ ...boundClaim('c', 'v'), status: { phase: 'Lost' } } as never])).toBe(
      'UnschedulableAndUnresolvable: persistentvolumeclaim "c" bound to non-existent persistentvolume "v"',
    );
    expect(verdicts([claimOf('c', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' })])).toBe(
      'UnschedulableAndUnresolvable: persistentvolumeclaim "c" is being deleted',
    );
  });

  it('waits for a claim that is made for the Pod, and takes no other', () => {
    expect(verdicts([], podOf('p', ephemeral('v')))).toBe(
      'UnschedulableAndUnresolvable: waiting for ephemeral volume controller to create the persistentvolumeclaim "p-v"',
    );
    expect(verdicts([boundClaim('p-v', 'v')], podOf('p', ephemeral('v')))).toBe(
      'UnschedulableAndUnresolvable: PVC default/p-v was not created for pod default/p (pod is not owner)',
    );
    const mine = boundClaim('p-v', 'v');
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'uid-p', controller: true }];
    const owned = { ...mine, metadata: { ...mine.metadata, ownerReferences } };
    expect(verdicts([owned, volumeOf('v')], podOf('p', ephemeral('v')))).toEqual({ n1: 'ok', n2: 'ok' });
  });

  it('rejects a Pod whose claim is to be bound before', () => {
    const unbound = 'UnschedulableAndUnresolvable: pod has unbound immediate PersistentVolumeClaims';
    expect(verdicts([claimOf('c'), classOf('wait', { volumeBindingMode: 'Immediate' })])).toBe(unbound);
    expect(verdicts([claimOf('c')])).toBe(unbound);
    expect(verdicts([claimOf('c', { volumeName: 'v' }), classOf()])).toBe(unbound);
  });

  it('keeps a Pod to the nodes that can reach the volumes of its claims', () => {
    expect(verdicts([boundClaim('c', 'v'), volumeAt('v', 'host', 'n2')])).toEqual({
      n1: UNREACHABLE,
      n2: 'ok',
    });
    const missing =
      'UnschedulableAndUnresolvable: node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';
    expect(verdicts([boundClaim('c', 'v')])).toEqual({ n1: missing, n2: missing });
  });

  it('says both what is wrong with bound claims and with others', () => {
    const two = podOf('p', usingClaims('bound', 'c'));
    const volume = volumeAt('v', 'host', 'n2', { claimRef: { namespace: 'default', name: 'bound' } });
    const objects = [boundClaim('bound', 'v'), volume, claimOf('c'), classOf()];
    const both = `${UNREACHABLE}, node(s) didn't find available persistent volumes to bind`;
    expect(verdicts(objects, two)).toEqual({ n1: both, n2: NO_VOLUME });
  });

  it.each<[string, Parameters<typeof volumeOf>, Record<string, unknown>]>([
    ['too small', ['v', { capacity: { storage: '1023Mi' } }], {}],
    ['of another class', ['v', { storageClassName: 'other' }], {}],
    ['of another mode', ['v', { volumeMode: 'Block' }], {}],
    ['of other attributes', ['v', { volumeAttributesClassName: 'fast' }], {}],
    ['about to go', ['v', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }], {}],
    ['for other ways of access', ['v', { accessModes: ['ReadOnlyMany'] }], {}],
    ['of somebody else', ['v', { claimRef: { namespace: 'default', name: 'other' } }], {}],
    [
      'of an earlier claim of that name',
      ['v', { claimRef: { namespace: 'default', name: 'c', uid: 'old' } }],
      {},
    ],
    [
      'without the labels asked for',
      ['v', {}, { labels: { tier: 'slow' } }],
      { selector: { matchLabels: { tier: 'fast' } } },
    ],
  ])('takes no volume that is %s', (_what, volume, spec) => {
    expect(verdicts([classOf(), claimOf('c', spec), volumeOf(...volume)])).toEqual({
      n1: NO_VOLUME,
      n2: NO_VOLUME,
    });
  });

  it('takes no volume that is not available, unless it is kept for the claim', () => {
    const { status: _status, ...rest } = volumeOf('v');
    expect(verdicts([classOf(), claimOf('c'), { ...rest, status: { phase: 'Pending' } } as never])).toEqual({
      n1: NO_VOLUME,
      n2: NO_VOLUME,
    });
    const kept = volumeAt('v', 'host', 'n2', { claimRef: { namespace: 'default', name: 'c' } });
    expect(verdicts([classOf(), claimOf('c'), { ...kept, status: { phase: 'Pending' } } as never])).toEqual({
      n1: NO_VOLUME,
      n2: 'ok',
    });
    // what is kept for a claim is where the claim goes, whatever else there is
    expect(verdicts([classOf(), claimOf('c'), kept, volumeOf('a')])).toEqual({ n1: NO_VOLUME, n2: 'ok' });
  });

  it('gives each claim a volume of its own, the smallest claim first', () => {
    const two = podOf('p', usingClaims('big', 'small'));
    const claims = [
      claimOf('big', { resources: { requests: { storage: '2Gi' } } }),
      claimOf('small'),
      classOf(),
    ];
    const big = volumeAt('big', 'host', 'n1', { capacity: { storage: '2Gi' } });
    const small = volumeAt('small', 'host', 'n1');
    expect(verdicts([...claims, big], two)).toEqual({ n1: NO_VOLUME, n2: NO_VOLUME });
    expect(verdicts([...claims, big, small], two)).toEqual({ n1: 'ok', n2: NO_VOLUME });
  });

  it('has volumes made where the class allows it', () => {
    expect(verdicts([classOf('wait', made), claimOf('c')])).toEqual({ n1: 'ok', n2: 'ok' });
    const allowedTopologies = [{}, { matchLabelExpressions: [{ key: ZONE, values: ['z2', 'z3'] }] }];
    expect(verdicts([classOf('wait', { ...made, allowedTopologies }), claimOf('c')])).toEqual({
      n1: NO_VOLUME,
      n2: 'ok',
    });
  });

  it('sends all to the node for which a volume is already to be made', () => {
    const annotations = { 'volume.kubernetes.io/selected-node': 'n2' };
    expect(verdicts([classOf('wait', made), claimOf('c', {}, { annotations })])).toEqual({
      n1: NO_VOLUME,
      n2: 'ok',
    });
  });

  it('asks for room where the driver counts it', () => {
    const objects = [classOf('wait', made), claimOf('c')];
    const z2 = { nodeTopology: { matchLabels: { [ZONE]: 'z2' } } };
    const inBoth = { nodeTopology: { matchExpressions: [{ key: ZONE, operator: 'Exists' }] } };
    expect(verdicts([...objects, csiDriverOf('csi.example.com', false)])).toEqual({ n1: 'ok', n2: 'ok' });
    const counted = [...objects, csiDriverOf('csi.example.com', true)];
    expect(verdicts(counted)).toEqual({ n1: NO_SPACE, n2: NO_SPACE });
    expect(verdicts([...counted, capacityOf('a', { ...z2, capacity: '1Gi' })])).toEqual({
      n1: NO_SPACE,
      n2: 'ok',
    });
    expect(verdicts([...counted, capacityOf('a', { ...inBoth, capacity: '1Gi' })])).toEqual({
      n1: 'ok',
      n2: 'ok',
    });
    const tooLittle = capacityOf('a', { ...z2, capacity: '9Gi', maximumVolumeSize: '1023Mi' });
    expect(verdicts([...counted, tooLittle])).toEqual({ n1: NO_SPACE, n2: NO_SPACE });
    expect(verdicts([...counted, capacityOf('a', { capacity: '1Gi' })])).toEqual({
      n1: NO_SPACE,
      n2: NO_SPACE,
    });
    const nonsense = { matchExpressions: [{ key: ZONE, operator: 'Near' }] };
    expect(verdicts([...counted, capacityOf('a', { nodeTopology: nonsense, capacity: '1Gi' })])).toEqual({
      n1: NO_SPACE,
      n2: NO_SPACE,
    });
  });

  it('goes by the labels of the CSI driver where a node names the old plugin', () => {
    const { csi: _csi, ...spec } = volumeAt('v', ZONE, 'z1').spec ?? {};
    const old = { ...volumeOf('v'), spec: { ...spec, gcePersistentDisk: { pdName: 'd' } } };
    const objects = [boundClaim('c', 'v'), old as never];
    expect(verdicts(objects)).toEqual({ n1: 'ok', n2: UNREACHABLE });
    const annotations = { 'storage.alpha.kubernetes.io/migrated-plugins': 'kubernetes.io/gce-pd' };
    expect(verdicts([...objects, csiNodeOf('n1', 9, { annotations })])).toEqual({
      n1: UNREACHABLE,
      n2: UNREACHABLE,
    });
  });

  it('fails where the selector of a claim makes no sense', () => {
    const selector = { matchExpressions: [{ key: 'a', operator: 'Near' }] };
    expect(() => verdicts([classOf(), claimOf('c', { selector })])).toThrow(/Near/);
  });

  it('wakes for what can help', () => {
    const workload = clusterOf([]).describe(pod);
    const wakes = (...change: Parameters<typeof eventOf>): boolean | undefined =>
      plugin.wakes?.(eventOf(...change), workload);
    expect(isWokenBy(plugin, pod, nodeOf('n'))).toBe(true);
    expect(isWokenBy(plugin, pod, nodeOf('n', { labels: { a: 'b' } }), nodeOf('n'))).toBe(true);
    expect(isWokenBy(plugin, pod, nodeOf('n'), nodeOf('n'))).toBe(false);
    // what was chosen for a Pod that was not bound is free again; what a Pod had that was stays with its claim
    expect(isWokenByRemoval(plugin, pod, podOf('a', usingClaims('c')))).toBe(true);
    expect(isWokenByRemoval(plugin, pod, podOf('a', { ...usingClaims('c'), nodeName: 'n1' }))).toBe(false);
    expect(isWokenByRemoval(plugin, pod, podOf('a'))).toBe(false);
    expect(wakes(undefined, claimOf('c'))).toBe(true);
    expect(wakes(claimOf('c'), claimOf('c'))).toBe(true);
    expect(wakes(claimOf('c'))).toBe(false);
    expect(wakes(undefined, claimOf('d'))).toBe(false);
    expect(wakes(volumeOf('v'), volumeOf('v'))).toBe(true);
    expect(wakes(volumeOf('v'))).toBe(false);
    expect(wakes(undefined, classOf())).toBe(true);
    expect(wakes(classOf(), classOf('wait', { allowedTopologies: [{}] }))).toBe(true);
    expect(wakes(classOf(), classOf('wait', { parameters: { a: 'b' } }))).toBe(false);
    expect(wakes(undefined, csiNodeOf('n1', 1))).toBe(true);
    expect(wakes(csiNodeOf('n1', 1), csiNodeOf('n1', 2))).toBe(false);
    expect(wakes(csiDriverOf('d', true), csiDriverOf('d', false))).toBe(true);
    expect(wakes(csiDriverOf('d', false), csiDriverOf('d', true))).toBe(false);
    expect(wakes(undefined, capacityOf('a', {}))).toBe(true);
    expect(wakes(capacityOf('a', { capacity: '1Gi' }), capacityOf('a', { capacity: '2Gi' }))).toBe(true);
    expect(wakes(capacityOf('a', { capacity: '2Gi' }), capacityOf('a', { capacity: '1Gi' }))).toBe(false);
    const none = clusterOf([]).describe(podOf('p'));
    expect(plugin.wakes?.(eventOf(undefined, volumeOf('v')), none)).toBe(false);
  });

  it('refuses a time to wait that is none', () => {
    expect(() => volumeBinding({ bindTimeout: 0 })).toThrow(RangeError);
  });
});

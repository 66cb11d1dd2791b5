import { describe, expect, it } from 'vitest';
import { volumeZone } from '../../../src/scheduler/plugins/volume-zone.js';
import { clusterOf, filterAll, isWokenBy, nodeOf, podOf } from './try-plugin.js';
import {
  boundClaim,
  claimOf,
  classOf,
  eventOf,
  setAll,
  usingClaims,
  volumeOf,
} from './volumes/volume-objects.js';

const plugin = volumeZone();
const ELSEWHERE = 'UnschedulableAndUnresolvable: node(s) had no available volume zone';
const ZONE = 'topology.kubernetes.io/zone';
const BETA_ZONE = 'failure-domain.beta.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';

const nodes = [
  nodeOf('z1', { labels: { [ZONE]: 'z1' } }),
  nodeOf('z2', { labels: { [ZONE]: 'z2' } }),
  nodeOf('beta', { labels: { [BETA_ZONE]: 'z1' } }),
  nodeOf('anywhere', { labels: { other: 'z2' } }),
];
const pod = podOf('p', usingClaims('c'));

function verdicts(...objects: Parameters<typeof setAll>[1]): Readonly<Record<string, string>> | string {
  return filterAll(plugin, setAll(clusterOf(nodes), objects), pod);
}

function inZone(labels: Record<string, string>): Readonly<Record<string, string>> | string {
  return verdicts(boundClaim('c', 'v'), volumeOf('v', {}, { labels }));
}

describe('VolumeZone', () => {
  it('has nothing to say without volumes that say where they are', () => {
    expect(filterAll(plugin, clusterOf(nodes), podOf('p'))).toBe('skipped');
    expect(filterAll(plugin, clusterOf(nodes), podOf('p', { volumes: [{ name: 'v', ephemeral: {} }] }))).toBe(
      'skipped',
    );
    expect(inZone({})).toBe('skipped');
    expect(inZone({ [ZONE]: 'z1__' })).toBe('skipped');
    expect(verdicts(claimOf('c'), classOf())).toBe('skipped');
  });

  it('keeps a Pod to the zones of its volume, and to nodes that are in none', () => {
    expect(inZone({ [ZONE]: 'z1' })).toEqual({ z1: 'ok', z2: ELSEWHERE, beta: ELSEWHERE, anywhere: 'ok' });
    expect(inZone({ [ZONE]: 'z1__z2' })).toEqual({ z1: 'ok', z2: 'ok', beta: ELSEWHERE, anywhere: 'ok' });
    expect(inZone({ [REGION]: 'r' })).toEqual({
      z1: ELSEWHERE,
      z2: ELSEWHERE,
      beta: ELSEWHERE,
      anywhere: 'ok',
    });
  });

  it('takes the newer label of a node for the older one of a volume', () => {
    expect(inZone({ [BETA_ZONE]: 'z1' })).toEqual({ z1: 'ok', z2: ELSEWHERE, beta: 'ok', anywhere: 'ok' });
  });

  it('rejects a Pod for a claim that cannot be followed', () => {
    const no = 'UnschedulableAndUnresolvable: ';
    expect(verdicts()).toBe(`${no}persistentvolumeclaim "c" not found`);
    expect(verdicts(boundClaim('c', 'v'))).toBe(`${no}persistentvolume "v" not found`);
    expect(verdicts(claimOf('c', { storageClassName: '' }))).toBe(
      `${no}PersistentVolumeClaim had no pv name and storageClass name`,
    );
    expect(verdicts(claimOf('c'))).toBe(`${no}storageclass.storage.k8s.io "wait" not found`);
    expect(verdicts(claimOf('c'), classOf('wait', { volumeBindingMode: 'Immediate' }))).toBe(
      `${no}PersistentVolume had no name`,
    );
  });

  it('wakes for what can help', () => {
    const workload = clusterOf([]).describe(pod);
    const wakes = (...change: Parameters<typeof eventOf>): boolean | undefined =>
      plugin.wakes?.(eventOf(...change), workload);
    const moved = nodeOf('n', { labels: { [ZONE]: 'z' } });
    expect(isWokenBy(plugin, pod, nodeOf('n'))).toBe(true);
    expect(isWokenBy(plugin, pod, moved, nodeOf('n'))).toBe(true);
    expect(isWokenBy(plugin, pod, nodeOf('n', { labels: { a: 'b' } }), nodeOf('n'))).toBe(false);
    expect(wakes(undefined, claimOf('c'))).toBe(true);
    expect(wakes(undefined, claimOf('d'))).toBe(false);
    expect(wakes(undefined, volumeOf('v'))).toBe(true);
    expect(wakes(volumeOf('v'), volumeOf('v', {}, { labels: { [ZONE]: 'z' } }))).toBe(true);
    expect(wakes(volumeOf('v'), volumeOf('v', {}, { labels: { other: 'z' } }))).toBe(false);
    expect(wakes(undefined, classOf())).toBe(true);
    expect(wakes(undefined, classOf('now', { volumeBindingMode: 'Immediate' }))).toBe(false);
    expect(wakes(classOf(), classOf())).toBe(false);
    expect(wakes(classOf())).toBe(false);
    expect(plugin.wakes?.(eventOf(undefined, volumeOf('v')), clusterOf([]).describe(podOf('p')))).toBe(false);
  });
});

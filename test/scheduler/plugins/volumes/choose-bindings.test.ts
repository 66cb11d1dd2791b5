import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PersistentVolume } from '../../../../src/resources/kinds/index.js';
import type { Cluster } from '../../../../src/scheduler/cluster/index.js';
import { chooseBindings } from '../../../../src/scheduler/plugins/volumes/choose-bindings.js';
import type { VolumeBindings } from '../../../../src/scheduler/plugins/volumes/volume-bindings.js';
import { VolumeIndex } from '../../../../src/scheduler/plugins/volumes/volume-index.js';
import { clusterOf, nodeOf, podOf } from '../try-plugin.js';
import { boundClaim, claimOf, classOf, setAll, usingClaims, volumeAt, volumeOf } from './volume-objects.js';

const SEED = 20_261_122;
const n1 = nodeOf('n1', { labels: { host: 'n1' } });
const n2 = nodeOf('n2', { labels: { host: 'n2' } });

type PodCluster = ReturnType<typeof clusterOf>;

function choose(cluster: PodCluster, node: string, ...claims: readonly string[]): VolumeBindings | undefined {
  const host = cluster.host(node) as NonNullable<ReturnType<Cluster<never, never>['host']>>;
  return chooseBindings(cluster.describe(podOf('p', usingClaims(...claims))), host, cluster);
}

/** Which claim gets which volume, and for which one is made. */
function told(bindings: VolumeBindings | undefined): Record<string, string> | undefined {
  if (bindings === undefined) return undefined;
  const bound = bindings.bind.map(({ claim, volume }) => [claim.metadata.name, volume.metadata.name]);
  return Object.fromEntries([...bound, ...bindings.provision.map(({ metadata }) => [metadata.name, 'new'])]);
}

describe('chooseBindings', () => {
  it('takes the smallest volume that will do, equal ones by name, in whatever order they came', () => {
    const volumes = [
      volumeOf('large', { capacity: { storage: '2Gi' } }),
      volumeOf('b', { capacity: { storage: '1024Mi' } }),
      volumeOf('a', { capacity: { storage: '1Gi' } }),
      volumeAt('there', 'host', 'n2', { capacity: { storage: '1000Mi' } }),
    ];
    const claim = claimOf('c', { resources: { requests: { storage: '900Mi' } } });
    for (const order of [volumes, volumes.toReversed()]) {
      const cluster = setAll(clusterOf([n1, n2]), [classOf(), claim, ...order]);
      expect(told(choose(cluster, 'n1', 'c'))).toEqual({ c: 'a' });
      expect(told(choose(cluster, 'n2', 'c'))).toEqual({ c: 'there' });
    }
  });

  it('needs nothing for bound claims, and has no answer where a claim cannot be', () => {
    const cluster = setAll(clusterOf([n1]), [
      boundClaim('c', 'v'),
      volumeOf('v'),
      claimOf('now', { storageClassName: '' }),
    ]);
    expect(told(choose(cluster, 'n1', 'c'))).toEqual({});
    expect(choose(cluster, 'n1', 'absent')).toBeUndefined();
    expect(choose(cluster, 'n1', 'now')).toBeUndefined();
  });

  it('has a volume made where none will do, and counts a claim of several volumes once', () => {
    const objects = [
      classOf('wait', { provisioner: 'csi.example.com' }),
      claimOf('c'),
      claimOf('d'),
      volumeOf('v'),
    ];
    const cluster = setAll(clusterOf([n1]), objects);
    expect(told(choose(cluster, 'n1', 'c', 'd'))).toEqual({ c: 'v', d: 'new' });
    expect(told(choose(cluster, 'n1', 'c', 'c'))).toEqual({ c: 'v' });
  });

  it('counts what is assumed as if it were written, until all who assumed it have taken it back', () => {
    const cluster = setAll(clusterOf([n1, n2]), [
      classOf('wait', { provisioner: 'csi.example.com' }),
      claimOf('c'),
      claimOf('d'),
      volumeAt('v', 'host', 'n1'),
    ]);
    const { assumed } = cluster.index(VolumeIndex);
    const first = assumed.assume(choose(cluster, 'n1', 'c') as VolumeBindings);
    expect(told(choose(cluster, 'n1', 'd'))).toEqual({ d: 'new' });
    // another Pod of the same claim goes where the first went
    expect(told(choose(cluster, 'n1', 'c'))).toEqual({ c: 'v' });
    const second = assumed.assume(choose(cluster, 'n1', 'c') as VolumeBindings);
    const third = assumed.assume(choose(cluster, 'n2', 'd') as VolumeBindings);
    expect(choose(cluster, 'n1', 'd')).toBeUndefined();
    first();
    first();
    expect(told(choose(cluster, 'n1', 'c'))).toEqual({ c: 'v' });
    third();
    expect(told(choose(cluster, 'n1', 'd'))).toEqual({ d: 'new' });
    second();
    expect(told(choose(cluster, 'n1', 'd'))).toEqual({ d: 'v' });
  });

  it('agrees with a search through all volumes, whatever is assumed and taken back', () => {
    const anyVolume = fc.record({
      size: fc.constantFrom('1Gi', '1024Mi', '2Gi', '512Mi'),
      at: fc.constantFrom('n1', 'n2', undefined),
      phase: fc.constantFrom('Available', 'Available', 'Bound'),
      owner: fc.constantFrom(undefined, undefined, undefined, 'c0', 'other'),
    });
    const anyStep = fc.record({
      claim: fc.nat({ max: 2 }),
      node: fc.constantFrom('n1', 'n2'),
      back: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(anyVolume, { maxLength: 8 }),
        fc.array(anyStep, { maxLength: 10 }),
        (volumes, steps) => {
          const all = volumes.map(({ size, at, phase, owner }, index): PersistentVolume => {
            const claimRef = owner === undefined ? {} : { claimRef: { namespace: 'default', name: owner } };
            const spec = { capacity: { storage: size }, ...claimRef };
            const name = `v${(index * 5) % 8}`;
            const volume = at === undefined ? volumeOf(name, spec) : volumeAt(name, 'host', at, spec);
            return { ...volume, status: { phase } };
          });
          const claims = ['c0', 'c1', 'c2'].map((name) => claimOf(name));
          const cluster = setAll(clusterOf([n1, n2]), [classOf(), ...claims, ...all]);
          const sizeOf = (volume: PersistentVolume): number =>
            ({ '1Gi': 1024, '1024Mi': 1024, '2Gi': 2048, '512Mi': 512 })[
              volume.spec?.capacity?.['storage'] ?? ''
            ] ?? 0;
          const sorted = all.toSorted(
            (a, b) => sizeOf(a) - sizeOf(b) || (a.metadata.name < b.metadata.name ? -1 : 1),
          );
          // by the name of the volume, who has assumed it
          const taken = new Map<string, string>();
          const undo: (() => void)[] = [];
          for (const { claim, node, back } of steps) {
            const name = `c${claim}`;
            const isHere = (volume: PersistentVolume): boolean => {
              const terms = volume.spec?.nodeAffinity?.required?.nodeSelectorTerms;
              return terms === undefined || terms[0]?.matchExpressions?.[0]?.values?.[0] === node;
            };
            const large = sorted.filter((volume) => sizeOf(volume) >= 1024);
            const ownerOf = (volume: PersistentVolume): string | undefined =>
              volume.spec?.claimRef?.name ?? taken.get(volume.metadata.name);
            const kept = large.find((volume) => ownerOf(volume) === name);
            const free = large.find(
              (volume) =>
                ownerOf(volume) === undefined && volume.status?.phase === 'Available' && isHere(volume),
            );
            const best = kept === undefined ? free : isHere(kept) ? kept : undefined;
            const chosen = choose(cluster, node, name);
            expect(told(chosen)).toEqual(best === undefined ? undefined : { [name]: best.metadata.name });
            if (chosen !== undefined && best !== undefined && !taken.has(best.metadata.name)) {
              const release = cluster.index(VolumeIndex).assumed.assume(chosen);
              taken.set(best.metadata.name, name);
              undo.push(() => {
                release();
                taken.delete(best.metadata.name);
              });
            }
            if (back) undo.shift()?.();
          }
        },
      ),
      { seed: SEED, numRuns: 300 },
    );
  });
});

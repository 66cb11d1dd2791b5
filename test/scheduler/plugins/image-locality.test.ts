import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Node, type Pod, type PodSpec } from '../../../src/resources/kinds/index.js';
import { imageLocality } from '../../../src/scheduler/plugins/image-locality.js';
import { clusterOf, nodeOf, podOf, scoreAll } from './try-plugin.js';

const MEGABYTE = 1024 * 1024;

function nodeWith(name: string, images: Record<string, number>, labels: Record<string, string> = {}): Node {
  const status = {
    images: Object.entries(images).map(([image, megabytes]) => ({
      names: [image],
      sizeBytes: megabytes * MEGABYTE,
    })),
  };
  return nodeOf(name, { labels, status });
}

function using(...images: string[]): Pod {
  return podOf('p', { containers: images.map((image) => ({ name: 'c', image })) });
}

describe('imageLocality', () => {
  it('likes nodes that have more of the images, scaled by how many have them', () => {
    const cluster = clusterOf([
      nodeWith('n1', { 'web:1': 500, 'db:latest': 400 }),
      nodeWith('n2', { 'web:1': 500 }),
      nodeWith('n3', {}),
      nodeWith('n4', { 'other:1': 900 }),
    ]);
    // (250 - 23) / 977
    expect(scoreAll(imageLocality(), cluster, using('web:1'))).toEqual([23, 23, 0, 0]);
    // (250 + 100 - 23) / 1977, (250 - 23) / 1977
    expect(scoreAll(imageLocality(), cluster, using('web:1', 'db'))).toEqual([16, 11, 0, 0]);
    expect(scoreAll(imageLocality(), cluster, using('none'))).toEqual([0, 0, 0, 0]);
  });

  it('has a least and a most', () => {
    const cluster = clusterOf([nodeWith('n1', { 'a:1': 5_000, 'b:1': 23 })]);
    expect(scoreAll(imageLocality(), cluster, using('a:1'))).toEqual([100]);
    expect(scoreAll(imageLocality(), cluster, using('b:1'))).toEqual([0]);
  });

  it('counts the images of init containers and volumes, but no volume as a container', () => {
    const cluster = clusterOf([nodeWith('n1', { 'a:1': 200, 'b:1': 200, 'c:1': 200 })]);
    const spec = {
      containers: [{ name: 'c', image: 'a:1' }],
      initContainers: [{ name: 'i', image: 'b:1' }],
      volumes: [{ name: 'v', image: { reference: 'c:1' } }],
    } as Partial<PodSpec>;
    // (600 - 23) / 1977
    expect(scoreAll(imageLocality(), cluster, podOf('p', spec))).toEqual([29]);
  });

  it.each([
    ['web', 'web:latest'],
    ['reg.example.com:5000/web', 'reg.example.com:5000/web:latest'],
    ['reg.example.com:5000/web:1', 'reg.example.com:5000/web:1'],
    ['web@sha256:00', 'web@sha256:00'],
  ])('takes %s for %s', (image, known) => {
    expect(scoreAll(imageLocality(), clusterOf([nodeWith('n1', { [known]: 1_000 })]), using(image))).toEqual([
      100,
    ]);
  });

  it('has a version that changes with what answers depend on', () => {
    const cluster = clusterOf([nodeWith('n1', {})]);
    const version = (): number | undefined => imageLocality().reads?.version?.(cluster);
    const changes = (node: Node): boolean => {
      const before = version();
      cluster.set(Node, node);
      return version() !== before;
    };
    expect(changes(nodeWith('n2', {}))).toBe(false);
    expect(changes(nodeWith('n1', { 'a:1': 100 }))).toBe(true);
    expect(changes(nodeWith('n1', { 'a:1': 100 }, { zone: 'b' }))).toBe(false);
    expect(changes(nodeWith('n3', {}))).toBe(true);
    expect(changes(nodeWith('n3', { 'a:1': 100 }))).toBe(true);
    expect(changes(nodeWith('n1', {}))).toBe(true);
  });

  it('answers by hosts and version alone, as one that is made anew', () => {
    const node = fc.record({
      name: fc.constantFrom('n1', 'n2', 'n3'),
      images: fc.dictionary(fc.constantFrom('a:1', 'b:1'), fc.constantFrom(100, 900), {
        noNullPrototype: true,
      }),
      zone: fc.constantFrom('x', 'y'),
      isGone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(node, { maxLength: 20 }), (changes) => {
        const cluster = clusterOf([]);
        const plugin = imageLocality();
        const pod = cluster.describe(using('a:1', 'b:1'));
        const plan = () => plugin.preScore?.(pod, cluster, () => []);
        const there = new Map<string, Node>();
        const kept = plan();
        let version = plugin.reads?.version?.(cluster);
        const remembered = new Map<string, number>();
        for (const { name, images, zone, isGone } of changes) {
          if (isGone) {
            there.delete(name);
            cluster.unset(Node, { name });
          } else {
            there.set(name, nodeWith(name, images, { zone }));
            cluster.set(Node, there.get(name) as Node);
          }
          const now = plugin.reads?.version?.(cluster);
          if (now !== version) remembered.clear();
          version = now;
          remembered.delete(name);
          if (kept === undefined || kept === 'skip' || kept.state === undefined) throw new Error('no state');
          const { state } = kept;
          for (const host of cluster.hosts()) {
            if (!remembered.has(host.name)) remembered.set(host.name, plugin.score?.(pod, host, state) ?? -1);
          }
          const anew = clusterOf([...there.values()]);
          const expected = scoreAll(imageLocality(), anew, using('a:1', 'b:1'));
          expect(remembered).toEqual(
            new Map(Array.from(anew.hosts(), (host, at) => [host.name, (expected as number[])[at]])),
          );
        }
      }),
      { seed: 20_260_104, numRuns: 300 },
    );
  });
});

import { Pod } from 'keelson/kinds';
import { describe, expect, it } from 'vitest';
import { logShipper, sidecar } from '../../examples/sidecar.js';
import { mutate, requestOf, stored } from '../store/admission/kit.js';

const LABELS = { 'example.com/log-shipper': 'enabled' };

describe('the sidecar injector', () => {
  it('adds its container to the Pods that ask for it, and keeps it there', async () => {
    const lines: string[] = [];
    await sidecar((line) => lines.push(line));
    expect(lines).toEqual([
      'plain runs web:1.0',
      'shipped runs web:1.0 and shipper:1.4',
      'shipped runs web:1.1 and shipper:1.4',
      'pods "forged" is forbidden: the log shipper has to run shipper:1.4',
    ]);
  });

  it('leaves alone what it did before', () => {
    const containers = [{ name: 'web', image: 'web:1.0' }];
    const object = stored(Pod, {
      metadata: { name: 'a', namespace: 'default', labels: LABELS },
      spec: { containers },
    });
    const once = mutate([logShipper], requestOf(Pod, { object }));
    expect(once).not.toBe(object);
    expect(mutate([logShipper], requestOf(Pod, { object: once as typeof object }))).toBe(once);
  });
});

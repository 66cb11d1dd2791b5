import { describe, expect, it } from 'vitest';
import { sharded } from '../../examples/sharded.js';
import { hasEtcd } from '../store/storage/etcd/real-etcd.js';

describe.skipIf(!hasEtcd())('three processes on one etcd', { timeout: 90_000 }, () => {
  it('share the counters, take over from one that was killed and one that left, and have none in two hands', async () => {
    const lines: string[] = [];
    await sharded((line) => lines.push(line), new AbortController().signal);
    expect(lines).toEqual([
      expect.stringMatching(/^three processes count 24 counters: a has \d+, b has \d+, c has \d+$/),
      'b is killed, and cannot tell anybody',
      expect.stringMatching(/^after \S+ s all counters are counted again: a has \d+, c has \d+$/),
      'c is let go, and gives its shards up itself',
      expect.stringMatching(/^after \S+ s all counters are counted again: a has 24$/),
      expect.stringMatching(/^\d+ counts and \d+ hand-overs, and never was a counter in two hands$/),
    ]);
  });

  it('end with whoever started them, even before they have begun', async () => {
    const reason = new Error('enough');
    await expect(sharded(() => undefined, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

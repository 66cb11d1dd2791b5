import { describe, expect, it } from 'vitest';
import { quickstart } from '../../examples/quickstart.js';

describe('the quickstart', () => {
  it('creates, scales and deletes a Website, and everything that it owns goes with it', async () => {
    const lines: string[] = [];
    await quickstart((line) => lines.push(line));
    expect(lines).toEqual([
      'created: default/blog is to run 1 x blog:1.0; Ready is False: 0 of 1 replicas are ready',
      'running: default/blog is to run 1 x blog:1.0; Ready is True: 1 of 1 replicas are ready',
      'updated: default/blog is to run 3 x blog:1.1; Ready is False: 1 of 3 replicas are ready',
      'running: default/blog is to run 3 x blog:1.1; Ready is True: 3 of 3 replicas are ready',
      'deleted: 0 owned objects are left',
    ]);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type * as types from './types.js';

describe('the types', () => {
  it('are checked by tsc, in a file that nothing runs', () => {
    const name: keyof typeof types = 'fresh';
    const text = readFileSync(new URL('types.ts', import.meta.url), 'utf8');
    expect(text).toContain(`export const ${name}`);
  });
});

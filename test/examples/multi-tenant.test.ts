import { describe, expect, it } from 'vitest';
import { multiTenant } from '../../examples/multi-tenant.js';

describe('the tenants', () => {
  it('take turns, come and go, and have what the hub decides', async () => {
    const lines: string[] = [];
    await multiTenant((line) => lines.push(line));
    expect(lines).toEqual([
      '  0 s  noisy comes, and wants 100 reports',
      '  0 s  quiet comes, and wants 3 reports',
      '  7 s  written: noisy 4 of 100, quiet 3 of 3',
      '  7 s  late comes, and wants 3 reports',
      ' 14 s  written: noisy 8 of 100, quiet 3 of 3, late 3 of 3',
      ' 14 s  noisy goes',
      ' 16 s  nothing is left to do',
      ' 16 s  the house changes its style, and so does quiet',
      ' 16 s  quiet has "ACME: number 1", and from now on "Acme, "',
      ' 16 s  late has "ACME: number 1", and from now on "Acme, "',
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { formatDuration } from '../../../src/controller/trace/format-duration.js';

describe('formatDuration', () => {
  it('is short, and says the unit', () => {
    const texts = [0, 0.034_5, 2.5, 12.34, 999.4, 1_000, 12_345, 123_456].map(formatDuration);
    expect(texts).toEqual(['0 ms', '0.03 ms', '2.5 ms', '12 ms', '999 ms', '1 s', '12.3 s', '123 s']);
  });
});

import { describe, expect, it } from 'vitest';
import { and, generationChanged, not, or, type Predicate } from '../../../src/index.js';
import { object } from './changes.js';

const yes: Predicate = () => true;
const no: Predicate = () => false;
const change = { type: 'add', after: object(), isInInitialList: false } as const;

describe('and, or, not', () => {
  it('combine answers', () => {
    expect([and(yes, yes), and(yes, no), and()].map((predicate) => predicate(change))).toEqual([
      true,
      false,
      true,
    ]);
    expect([or(no, yes), or(no, no), or()].map((predicate) => predicate(change))).toEqual([
      true,
      false,
      false,
    ]);
    expect([not(yes), not(no)].map((predicate) => predicate(change))).toEqual([false, true]);
  });

  it('ask no more than is needed to know', () => {
    const never: Predicate = () => expect.unreachable();
    expect(and(no, never)(change)).toBe(false);
    expect(or(yes, never)(change)).toBe(true);
  });

  it('turn what comes and goes round as well', () => {
    expect(not(generationChanged)(change)).toBe(false);
  });
});

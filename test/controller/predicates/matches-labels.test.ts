import { describe, expect, it } from 'vitest';
import { isBadRequest, LabelSelector, matchesLabels } from '../../../src/index.js';
import { object, update } from './changes.js';

const web = object({ labels: { tier: 'web' } });
const db = object({ labels: { tier: 'db' } });

describe('matchesLabels', () => {
  it.each(['tier=web', LabelSelector.parse('tier=web')])('looks before and after: %s', (selector) => {
    const predicate = matchesLabels(selector);
    expect(predicate(update(web, web))).toBe(true);
    expect(predicate(update(db, web))).toBe(true);
    expect(predicate(update(web, db))).toBe(true);
    expect(predicate(update(db, db))).toBe(false);
    expect(predicate({ type: 'add', after: web, isInInitialList: true })).toBe(true);
    expect(predicate({ type: 'add', after: db, isInInitialList: true })).toBe(false);
    expect(predicate({ type: 'delete', before: web, finalStateKnown: false })).toBe(true);
    expect(predicate({ type: 'delete', before: db, finalStateKnown: false })).toBe(false);
  });

  it('refuses a malformed selector when it is made, not when it is used', () => {
    try {
      matchesLabels('tier in (');
      expect.unreachable();
    } catch (error) {
      expect(isBadRequest(error)).toBe(true);
    }
  });
});

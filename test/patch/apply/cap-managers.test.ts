import { describe, expect, it } from 'vitest';
import { capManagers } from '../../../src/patch/apply/cap-managers.js';
import { type FieldManager, type FieldManagers, managerId } from '../../../src/patch/apply/field-manager.js';
import { forEachField, LEAF } from '../../../src/patch/apply/field-set.js';

function updater(name: string, second: number, apiVersion = 'v1'): FieldManager {
  const time = `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`;
  const fields = { [`f:${name}`]: LEAF };
  return { manager: name, operation: 'Update', apiVersion, time, fieldsType: 'FieldsV1', fieldsV1: fields };
}

function managersOf(...managers: readonly FieldManager[]): FieldManagers {
  return new Map(managers.map((manager) => [managerId(manager), manager]));
}

function many(count: number, apiVersion?: string): readonly FieldManager[] {
  return Array.from({ length: count }, (_, index) => updater(`m${index + 10}`, index + 10, apiVersion));
}

function fieldCount(managers: FieldManagers): number {
  let count = 0;
  for (const { fieldsV1 } of managers.values()) forEachField(fieldsV1, () => (count += 1));
  return count;
}

function namesOf(managers: FieldManagers): readonly string[] {
  return Array.from(managers.values(), ({ manager }) => manager ?? '').toSorted();
}

describe('capManagers', () => {
  it('gives back the very managers where 10 or fewer update, whoever applies', () => {
    const appliers = many(20).map((manager) => ({ ...manager, operation: 'Apply' as const }));
    const managers = managersOf(...many(10), ...appliers);
    expect(capManagers(managers)).toBe(managers);
  });

  it('merges the oldest', () => {
    const capped = capManagers(managersOf(...many(13)));
    expect(namesOf(capped)).toEqual([
      'ancient-changes',
      ...many(13)
        .slice(4)
        .map(({ manager }) => manager),
    ]);
    expect(fieldCount(capped)).toBe(13);
    const bucket = [...capped.values()].find(({ manager }) => manager === 'ancient-changes');
    expect(bucket?.time).toBe('2026-01-01T00:00:13Z');
  });

  it('keeps a bucket for each version', () => {
    const capped = capManagers(managersOf(...many(8, 'v1'), ...many(8, 'v2')));
    expect(capped.size).toBe(10);
    expect(namesOf(capped).filter((name) => name === 'ancient-changes')).toHaveLength(2);
    expect(fieldCount(capped)).toBe(16);
  });

  it('leaves one of each version under its name where none joins it', () => {
    const versions = Array.from({ length: 12 }, (_, index) => updater('m', index, `v${index}`));
    expect(capManagers(managersOf(...versions)).size).toBe(12);
  });

  it('loses nothing of a bucket that is not the oldest', () => {
    const capped = capManagers(managersOf(updater('old', 1), updater('ancient-changes', 2), ...many(10)));
    expect(namesOf(capped)).toEqual([
      'ancient-changes',
      ...many(10)
        .slice(1)
        .map(({ manager }) => manager),
    ]);
    expect(fieldCount(capped)).toBe(12);
  });
});

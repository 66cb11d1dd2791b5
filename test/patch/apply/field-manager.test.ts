import { describe, expect, it } from 'vitest';
import { deepFreeze } from '../../../src/core/index.js';
import { decodeManagers, encodeManagers, managerId } from '../../../src/patch/apply/field-manager.js';

const entry = {
  manager: 'me',
  operation: 'Update',
  apiVersion: 'v1',
  time: '2026-01-01T00:00:00Z',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:a': {} },
};

describe('managers', () => {
  it('are told apart by name, operation, subresource and, where they update, version', () => {
    const identity = { manager: 'a', operation: 'Update', apiVersion: 'v1', subresource: undefined };
    const id = managerId(identity);
    expect(managerId({ ...identity })).toBe(id);
    for (const other of [
      { manager: 'b' },
      { operation: 'Apply' },
      { apiVersion: 'v2' },
      { subresource: 'x' },
    ]) {
      expect(managerId({ ...identity, ...other })).not.toBe(id);
    }
    const applier = { ...identity, operation: 'Apply' };
    expect(managerId({ ...applier, apiVersion: 'v2' })).toBe(managerId(applier));
  });

  it('come back from their entries as they were', () => {
    const entries = deepFreeze([
      { ...entry, operation: 'Apply', manager: 'you' },
      { ...entry, subresource: 'status' },
    ]);
    const managers = decodeManagers(entries);
    const encoded = encodeManagers(managers);
    expect(encoded).toEqual(entries);
    expect(Object.isFrozen(encoded)).toBe(true);
    expect(decodeManagers(encoded)).toEqual(managers);
    const again = [...decodeManagers(encoded).values()];
    expect(again.every((manager, index) => manager === encoded[index])).toBe(true);
  });

  it('come in the order that Kubernetes has', () => {
    const names = ['apply', 'none', 'a1', 'a2', 'late'];
    const entries = [
      { ...entry, manager: 'late', time: '2026-01-01T00:00:01Z' },
      { ...entry, manager: 'a2' },
      { ...entry, manager: 'none', time: undefined },
      { ...entry, manager: 'a1', time: '2026-01-01T00:00:00.9Z' },
      { ...entry, manager: 'apply', operation: 'Apply', time: '2027-01-01T00:00:00Z' },
    ];
    expect(encodeManagers(decodeManagers(entries)).map(({ manager }) => manager)).toEqual(names);
  });

  it('are none where there is no record', () => {
    for (const none of [undefined, null, []]) expect(decodeManagers(none)).toEqual(new Map());
  });

  it.each<[string, unknown, string]>([
    ['no list', 'x', 'metadata.managedFields'],
    ['no object', [entry, 1], 'metadata.managedFields[1]'],
    ['a number for a name', [{ ...entry, manager: 1 }], 'metadata.managedFields[0].manager'],
    ['another operation', [{ ...entry, operation: 'Patch' }], 'metadata.managedFields[0].operation'],
    ['no version', [{ ...entry, apiVersion: '' }], 'metadata.managedFields[0].apiVersion'],
    [
      'another type of fields',
      [{ ...entry, fieldsType: 'FieldsV2' }],
      'metadata.managedFields[0].fieldsType',
    ],
    ['no time', [{ ...entry, time: 'noon' }], 'metadata.managedFields[0].time'],
    ['no trie', [{ ...entry, fieldsV1: { a: {} } }], 'metadata.managedFields[0].fieldsV1'],
  ])('are not in what has %s', (_, managedFields, field) => {
    expect(() => decodeManagers(managedFields)).toThrow(
      expect.objectContaining({
        reason: 'Invalid',
        details: { causes: [expect.objectContaining({ field })] },
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { deepFreeze } from '../../../src/core/index.js';
import {
  decodeManagers,
  encodeManagers,
  type FieldManagers,
  isMalformed,
  managerId,
} from '../../../src/patch/apply/field-manager.js';

const entry = {
  manager: 'me',
  operation: 'Update',
  apiVersion: 'v1',
  time: '2026-01-01T00:00:00Z',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:a': {} },
};

function managersOf(...entries: readonly object[]): FieldManagers {
  const managers = decodeManagers(entries);
  if (isMalformed(managers)) throw new Error(managers.problem);
  return managers;
}

describe('managers', () => {
  it('are told apart by name, operation, subresource and, where they update, version', () => {
    const identity = { name: 'a"<', operation: 'Update', apiVersion: 'v1', subresource: 'status' } as const;
    expect(managerId(identity)).toBe(
      '{"manager":"a\\"\\u003c","operation":"Update","apiVersion":"v1","subresource":"status"}',
    );
    expect(managerId({ ...identity, operation: 'Apply' })).not.toContain('v1');
    expect(managerId({ ...identity, name: '', subresource: undefined })).toBe(
      '{"operation":"Update","apiVersion":"v1"}',
    );
  });

  it('come back from their entries as they were', () => {
    const entries = deepFreeze([
      { ...entry, operation: 'Apply', manager: 'you' },
      { ...entry, subresource: 'status' },
    ]);
    const managers = managersOf(...entries);
    const encoded = encodeManagers(managers);
    expect(encoded).toEqual(entries);
    expect(encoded[0]).toBe(entries[0]);
    expect(Object.isFrozen(encoded)).toBe(true);
    expect(decodeManagers(encoded)).toEqual(managers);
    expect(decodeManagers(encoded)).toBe(decodeManagers(encoded));
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
    expect(encodeManagers(managersOf(...entries)).map(({ manager }) => manager)).toEqual(names);
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
    expect(decodeManagers(managedFields)).toMatchObject({ field });
  });
});

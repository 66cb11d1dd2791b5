import { describe, expect, it } from 'vitest';
import {
  deepFreeze,
  isBadRequest,
  type JsonObject,
  type ManagedFieldsEntry,
} from '../../../src/core/index.js';
import { applyServerSide, updateManagedFields } from '../../../src/patch/index.js';
import { Widget, widget } from './widget.js';

function managedFieldsOf(object: JsonObject): readonly ManagedFieldsEntry[] | undefined {
  return (object['metadata'] as { managedFields?: ManagedFieldsEntry[] }).managedFields;
}

function update(live: JsonObject | undefined, next: JsonObject, manager: string, second = 0): JsonObject {
  return deepFreeze(updateManagedFields({ live, next, manager, now: second * 1_000 }, Widget));
}

function fieldsOf(object: JsonObject, manager: string): unknown {
  return managedFieldsOf(object)?.find((entry) => entry.manager === manager)?.fieldsV1;
}

/** The object with another spec, and its record. */
function withSpec(object: JsonObject, spec: object): JsonObject {
  return deepFreeze({ ...object, spec });
}

describe('updateManagedFields', () => {
  it('records a create, with new objects, maps and lists marked', () => {
    const created = update(
      undefined,
      widget({ limits: { cpu: '1' }, ports: [{ port: 1 }], zones: [] }),
      'me',
    );
    expect(managedFieldsOf(created)).toEqual([
      {
        manager: 'me',
        operation: 'Update',
        apiVersion: 'example.com/v1',
        time: '1970-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            '.': {},
            'f:limits': { '.': {}, 'f:cpu': {} },
            'f:ports': { '.': {}, 'k:{"port":1,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
            'f:zones': {},
          },
        },
      },
    ]);
  });

  it('takes from others what a write changes, and from all what it removes', () => {
    const created = update(undefined, widget({ image: 'a', replicas: 1, limits: { cpu: '1' } }), 'one');
    const next = update(created, withSpec(created, { image: 'b', replicas: 1 }), 'two', 1);
    expect(fieldsOf(next, 'one')).toEqual({ 'f:spec': { '.': {}, 'f:replicas': {} } });
    expect(fieldsOf(next, 'two')).toEqual({ 'f:spec': { 'f:image': {} } });
    const again = update(next, withSpec(next, { image: 'b', replicas: 2 }), 'two', 2);
    expect(fieldsOf(again, 'two')).toEqual({ 'f:spec': { 'f:image': {}, 'f:replicas': {} } });
    expect(managedFieldsOf(again)?.map(({ time }) => time)).toEqual([
      '1970-01-01T00:00:00Z',
      '1970-01-01T00:00:02Z',
    ]);
  });

  it('tells an update from an apply of the same manager, and subresources apart', () => {
    const applied = applyServerSide<JsonObject>({ applied: widget({ image: 'a' }), manager: 'me' }, Widget);
    const next = withSpec(applied, { image: 'b' });
    const updated = updateManagedFields(
      { live: applied, next, manager: 'me', subresource: 'status' },
      Widget,
    );
    expect(managedFieldsOf(updated)).toEqual([
      expect.objectContaining({ manager: 'me', operation: 'Update', subresource: 'status' }),
    ]);
  });

  it('gives back the very object where nothing but the revision changed', () => {
    const created = update(undefined, widget({ image: 'a' }), 'me');
    const metadata = { ...(created['metadata'] as JsonObject), resourceVersion: '2', generation: 3 };
    const next = deepFreeze({ ...created, metadata });
    expect(update(created, next, 'you', 1)).toBe(next);
    expect(update(created, created, 'you', 1)).toBe(created);
  });

  it('leaves an object untracked that was, unless it is being created', () => {
    const live = widget({ image: 'a' }, { uid: 'u' });
    const next = widget({ image: 'b' }, { uid: 'u' });
    expect(update(live, next, 'me')).toBe(next);
    expect(fieldsOf(update(widget({ image: 'a' }), widget({ image: 'b' }), 'me'), 'me')).toEqual({
      'f:spec': { 'f:image': {} },
    });
  });

  it('restores a record that the writer left out or spoilt, and takes one that he edited', () => {
    const created = update(undefined, widget({ image: 'a' }), 'me');
    const record = managedFieldsOf(created);
    for (const managedFields of [
      undefined,
      null,
      5,
      ['x'],
      [{ operation: 'Apply' }],
      [{ ...record?.[0], fieldsV1: { spec: 1 } }],
    ]) {
      const next = widget({ image: 'a' }, managedFields === undefined ? {} : { managedFields });
      expect(managedFieldsOf(update(created, next, 'you'))).toEqual(record);
    }
    const managedFields = [{ ...record?.[0], manager: 'heir', time: '1970-01-01T01:00:00.5+01:00' }];
    const edited = update(created, widget({ image: 'a' }, { managedFields }), 'you');
    expect(managedFieldsOf(edited)).toEqual([{ ...record?.[0], manager: 'heir' }]);
  });

  it('writes an edited record in its normal form', () => {
    const created = update(undefined, widget({ image: 'a' }), 'me');
    const fieldsV1 = { 'f:spec': { 'f:image': null, 'x:1': {}, 'k:{"b":1,"a":2}': {} } };
    const managedFields = [{ ...managedFieldsOf(created)?.[0], fieldsV1 }];
    const next = update(created, widget({ image: 'a' }, { managedFields }), 'you');
    expect(fieldsOf(next, 'me')).toEqual({ 'f:spec': { 'f:image': {}, 'k:{"a":2,"b":1}': {} } });
  });

  it.each([[[]], [[{}]]])('clears the record by %j, except through a subresource', (managedFields) => {
    const created = update(undefined, widget({ image: 'a' }, { uid: 'u' }), 'me');
    const next = widget({ image: 'b' }, { uid: 'u', managedFields });
    expect(update(created, next, 'me')['metadata']).toEqual({ name: 'w', uid: 'u' });
    const status = updateManagedFields({ live: created, next, manager: 'me', subresource: 'status' }, Widget);
    expect(fieldsOf(status, 'me')).toEqual({ 'f:spec': {} });
  });

  it('ignores a malformed record of the live object', () => {
    const live = widget({ image: 'a' }, { uid: 'u', managedFields: [{ operation: 'X' }] });
    expect(update(live, widget({ image: 'b' }, { uid: 'u' }), 'me')['metadata']).toEqual({
      name: 'w',
      uid: 'u',
    });
  });

  it('copes with what the schema does not allow', () => {
    const specs: object[] = [
      { bogus: { a: 1 } },
      { ports: 5 },
      { ports: [{}, null] },
      { zones: [{}] },
      { image: [] },
    ];
    let live = update(undefined, widget({ image: 'a', ports: [{ port: 1 }] }), 'me');
    for (const spec of specs) live = update(live, withSpec(live, spec), 'me');
    expect(fieldsOf(live, 'me')).toEqual({ 'f:spec': { '.': {}, 'f:image': {} } });
  });

  it('counts items that a list has twice as one field', () => {
    const created = update(undefined, widget({ zones: ['a', 'b'] }), 'one');
    const twice = update(created, withSpec(created, { zones: ['a', 'b', 'a'] }), 'two');
    expect(fieldsOf(twice, 'one')).toEqual({ 'f:spec': { '.': {}, 'f:zones': { '.': {}, 'v:"b"': {} } } });
    expect(fieldsOf(twice, 'two')).toEqual({ 'f:spec': { 'f:zones': { 'v:"a"': {} } } });
    const once = update(twice, withSpec(twice, { zones: ['a', 'b'] }), 'three');
    expect(fieldsOf(once, 'two')).toBeUndefined();
    expect(fieldsOf(once, 'three')).toEqual({ 'f:spec': { 'f:zones': { 'v:"a"': {} } } });
  });

  it('keeps at most 10 updaters, and the fields of all', () => {
    let live = update(undefined, widget({ free: { n0: 0 } }), 'm0');
    for (let index = 1; index < 30; index += 1) {
      const free = { ...((live['spec'] as JsonObject)['free'] as JsonObject), [`n${index}`]: 0 };
      live = update(live, withSpec(live, { free }), `m${index}`, index);
    }
    const entries = managedFieldsOf(live) ?? [];
    expect(entries.map(({ manager }) => manager)).toEqual([
      'ancient-changes',
      ...Array.from({ length: 9 }, (_, index) => `m${index + 21}`),
    ]);
    expect(entries[0]?.time).toBe('1970-01-01T00:00:20Z');
    expect(
      Object.keys(
        (fieldsOf(live, 'ancient-changes') as { 'f:spec': { 'f:free': object } })['f:spec']['f:free'],
      ),
    ).toHaveLength(22);
  });

  it('needs a version from somewhere', () => {
    expect(() => updateManagedFields({ next: { kind: 'X' }, manager: 'me' })).toThrow(
      expect.toSatisfy(isBadRequest),
    );
    expect(() => updateManagedFields({ next: { a: new Date(0) }, manager: 'me' }, Widget)).toThrow(
      expect.toSatisfy(isBadRequest),
    );
  });
});

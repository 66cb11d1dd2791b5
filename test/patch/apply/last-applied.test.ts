import { describe, expect, it } from 'vitest';
import { deepFreeze, type JsonObject } from '../../../src/core/index.js';
import { rootShape } from '../../../src/patch/apply/apply-shape.js';
import { lastAppliedFields, withLastApplied } from '../../../src/patch/apply/last-applied.js';
import { Widget, widget } from './widget.js';

const KEY = 'kubectl.kubernetes.io/last-applied-configuration';
const shape = rootShape(Widget.mergeSchema);

function annotated(spec: object, text: unknown): JsonObject {
  return deepFreeze(widget(spec, { annotations: { [KEY]: text, note: null } }));
}

function fieldsOf(spec: object, text: unknown): unknown {
  const fields = lastAppliedFields(annotated(spec, text), widget({}), shape);
  return fields?.['f:spec'];
}

describe('lastAppliedFields', () => {
  it('has what is still as it was applied', () => {
    const text = JSON.stringify(widget({ image: 'a', replicas: 1, zones: ['x'], paused: true }));
    expect(fieldsOf({ image: 'a', replicas: 2, zones: ['x', 'y'] }, text)).toEqual({
      'f:image': {},
      'f:zones': { 'v:"x"': {} },
    });
  });

  it.each<[string, unknown]>([
    ['is empty', ''],
    ['is no text', 5],
    ['is no JSON', '{'],
    ['is no object', '[]'],
    ['is of another kind', JSON.stringify({ ...widget({}), kind: 'Gadget' })],
    ['is of another version', JSON.stringify({ ...widget({}), apiVersion: 'v2' })],
    ['has unknown fields', JSON.stringify(widget({ bogus: 1 }))],
    [
      'is too deep',
      `{"apiVersion":"example.com/v1","kind":"Widget","spec":{"free":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`,
    ],
  ])('has nothing where the annotation %s', (_, text) =>
    expect(fieldsOf({ image: 'a' }, text)).toBeUndefined(),
  );

  it('has nothing where the live object has items twice', () => {
    expect(fieldsOf({ zones: ['a', 'a'] }, JSON.stringify(widget({ image: 'a' })))).toBeUndefined();
  });
});

describe('withLastApplied', () => {
  it('writes the intent as Go writes it, without the annotation', () => {
    const intent = annotated({ replicas: 1, image: '<b>' }, 'old');
    const next = withLastApplied(annotated({}, 'old'), intent);
    expect(next['metadata']).toEqual({
      name: 'w',
      annotations: {
        [KEY]: `${[
          '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"annotations":{"note":""},"name":"w"},',
          '"spec":{"image":"\\u003cb\\u003e","replicas":1}}',
        ].join('')}\n`,
        note: '',
      },
    });
    expect(withLastApplied(next, intent)).toBe(next);
  });

  it('leaves an object alone that does not have the annotation', () => {
    const object = widget({});
    expect(withLastApplied(object, widget({}))).toBe(object);
  });

  it('drops the annotation where it would be too large', () => {
    const next = withLastApplied(annotated({}, 'old'), widget({ image: 'é'.repeat(131_072) }));
    expect(next['metadata']).toEqual({ name: 'w', annotations: { note: '' } });
  });
});

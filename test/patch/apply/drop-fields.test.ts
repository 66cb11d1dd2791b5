import { describe, expect, it } from 'vitest';
import { rootShape } from '../../../src/patch/apply/apply-shape.js';
import { dropFields } from '../../../src/patch/apply/drop-fields.js';
import { type FieldSet, LEAF } from '../../../src/patch/apply/field-set.js';
import { Widget } from './widget.js';

const shape = rootShape(Widget.mergeSchema);
const metadata = { name: 'w' };

function drop(spec: object, last: FieldSet, owned?: FieldSet): unknown {
  const owners = owned === undefined ? undefined : { 'f:spec': owned };
  return dropFields({ metadata, spec }, shape, { 'f:spec': last }, owners)['spec'];
}

describe('dropFields', () => {
  it('drops what was applied and nobody owns, and the objects that were for it alone', () => {
    expect(drop({ image: 'a' }, { 'f:image': LEAF })).toBeUndefined();
    expect(drop({ image: 'a', replicas: 1 }, { 'f:image': LEAF }, { 'f:replicas': LEAF })).toEqual({
      replicas: 1,
    });
  });

  it('leaves what somebody owns, with all that leads there', () => {
    const last = { 'f:limits': { 'f:a': LEAF, 'f:b': LEAF } };
    expect(drop({ limits: { a: '', b: '' } }, last, { 'f:limits': { 'f:b': LEAF } })).toEqual({
      limits: { b: '' },
    });
  });

  it('drops a whole item where nobody owns the item itself', () => {
    const item = 'k:{"port":1,"protocol":"TCP"}';
    const last = { 'f:ports': { [item]: { '.': LEAF, 'f:port': LEAF } } };
    const spec = { image: 'a', ports: [{ port: 1, name: 'x' }] };
    const name = { 'f:image': LEAF, 'f:ports': { [item]: { 'f:name': LEAF } } };
    expect(drop(spec, last, name)).toEqual({ image: 'a', ports: null });
  });

  it('leaves the item that somebody owns, and its keys', () => {
    const item = 'k:{"port":1,"protocol":"TCP"}';
    const mine = { 'f:ports': { [item]: { '.': LEAF, 'f:port': LEAF, 'f:name': LEAF } } };
    const theirs = { 'f:ports': { [item]: { '.': LEAF, 'f:port': LEAF } } };
    expect(drop({ ports: [{ port: 1, name: 'x' }] }, mine, theirs)).toEqual({ ports: [{ port: 1 }] });
  });

  it('leaves null where somebody owns what nothing is left in', () => {
    const last = { 'f:limits': { 'f:a': LEAF } };
    expect(drop({ limits: { a: '' } }, last, { 'f:limits': LEAF })).toEqual({ limits: null });
  });

  it('keeps the metadata', () => {
    const merged = { metadata: { name: 'w', labels: { a: 'b' } } };
    const last = { 'f:metadata': { 'f:labels': { 'f:a': LEAF } } };
    expect(dropFields(merged, shape, last, undefined)).toEqual({ metadata });
    const nameless = { metadata: { labels: { a: 'b' }, finalizers: [] }, spec: {} };
    expect(dropFields(nameless, shape, last, undefined)['metadata']).toEqual({ finalizers: [] });
  });
});

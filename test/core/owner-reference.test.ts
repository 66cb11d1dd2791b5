import { describe, expect, it } from 'vitest';
import {
  ApiError,
  controllerOf,
  controllerReference,
  deepFreeze,
  isBadRequest,
  isConflict,
  isControlledBy,
  isOwnedBy,
  type Owned,
  type Owner,
  ownerKey,
  ownerReference,
  removeOwnerReference,
  setControllerReference,
  setOwnerReference,
} from '../../src/core/index.js';

const owner = (metadata: Partial<Owner['metadata']> = {}, more: Partial<Owner> = {}): Owner =>
  deepFreeze({
    apiVersion: 'example.com/v1',
    kind: 'Website',
    ...more,
    metadata: { name: 'a', namespace: 'default', uid: 'uid-a', ...metadata },
  });
const clusterOwner: Owner = deepFreeze({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n', uid: 'uid-n' },
});
const child: Owned & { readonly spec: object } = deepFreeze({
  metadata: { name: 'child', namespace: 'default' },
  spec: { x: 1 },
});

function thrown(work: () => unknown): ApiError {
  try {
    work();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('it succeeded');
}

describe('references', () => {
  it('name an owner, and mark a controller', () => {
    const plain = { apiVersion: 'example.com/v1', kind: 'Website', name: 'a', uid: 'uid-a' };
    expect(ownerReference(owner())).toEqual(plain);
    expect(controllerReference(owner())).toEqual({ ...plain, controller: true, blockOwnerDeletion: true });
    expect(Object.isFrozen(ownerReference(owner())) && Object.isFrozen(controllerReference(owner()))).toBe(
      true,
    );
  });
});

describe('setControllerReference', () => {
  it('adds the reference and leaves the rest, and the object it is given, as they were', () => {
    const owned = setControllerReference(owner(), child);
    expect(owned.metadata.ownerReferences).toEqual([controllerReference(owner())]);
    expect(owned.spec).toBe(child.spec);
    expect(child.metadata.ownerReferences).toBeUndefined();
  });

  it('gives back the very object where the reference is there already', () => {
    const owned = setControllerReference(owner(), child);
    expect(setControllerReference(owner(), owned)).toBe(owned);
  });

  it('refuses a second controller, naming both', () => {
    const owned = setControllerReference(owner(), child);
    const error = thrown(() => setControllerReference(owner({ name: 'b', uid: 'uid-b' }), owned));
    expect(isConflict(error)).toBe(true);
    expect(error.message).toBe(
      'metadata.ownerReferences: expected no other controller than Website "b", got Website "a"',
    );
  });

  it.each<[string, Owner]>([
    ['another version', owner({}, { apiVersion: 'example.com/v2' })],
    ['another uid', owner({ uid: 'uid-later' })],
  ])('replaces its own earlier reference of %s, in its place', (_what, again) => {
    const two = setOwnerReference(clusterOwner, setControllerReference(owner(), child));
    const next = setControllerReference(again, two);
    expect(next.metadata.ownerReferences).toEqual([controllerReference(again), ownerReference(clusterOwner)]);
  });

  it.each<[string, Owner]>([
    ['another group', owner({}, { apiVersion: 'other.com/v1' })],
    ['another kind', owner({}, { kind: 'Shop' })],
    ['another name', owner({ name: 'b' })],
  ])('takes an owner of %s for another one', (_what, other) => {
    expect(
      isConflict(thrown(() => setControllerReference(other, setControllerReference(owner(), child)))),
    ).toBe(true);
  });

  it('makes a plain owner the controller', () => {
    const owned = setControllerReference(owner(), setOwnerReference(owner(), child));
    expect(owned.metadata.ownerReferences).toEqual([controllerReference(owner())]);
  });

  it('gives way to a plain reference to the same owner', () => {
    const owned = setOwnerReference(owner(), setControllerReference(owner(), child));
    expect(owned.metadata.ownerReferences).toEqual([ownerReference(owner())]);
    expect(setOwnerReference(owner(), owned)).toBe(owned);
  });

  it('takes a reference that says controller: false for no controller', () => {
    const other = { ...ownerReference(owner({ name: 'b', uid: 'uid-b' })), controller: false };
    const object: Owned = { metadata: { ...child.metadata, ownerReferences: [other] } };
    expect(setControllerReference(owner(), object).metadata.ownerReferences).toEqual([
      other,
      controllerReference(owner()),
    ]);
  });
});

describe.each([
  ['setControllerReference', setControllerReference],
  ['setOwnerReference', setOwnerReference],
])('%s', (_name, set) => {
  it('refuses an owner in another namespace', () => {
    const error = thrown(() => set(owner({ namespace: 'other' }), child));
    expect(isBadRequest(error)).toBe(true);
    expect(error.message).toBe(
      'metadata.ownerReferences: expected an object in the namespace "other" of its owner Website "a", got namespace "default"',
    );
    expect(error.details.causes?.[0]?.field).toBe('metadata.ownerReferences');
  });

  it('refuses a namespaced owner of a cluster object', () => {
    const error = thrown(() => set(owner(), { metadata: { name: 'pv' } }));
    expect(isBadRequest(error)).toBe(true);
    expect(error.message).toContain('got a cluster object');
  });

  it('takes a cluster owner of anything', () => {
    for (const metadata of [child.metadata, { name: 'pv' }]) {
      expect(set(clusterOwner, { metadata }).metadata).toMatchObject({ ownerReferences: [{ uid: 'uid-n' }] });
    }
  });
});

describe('setOwnerReference', () => {
  it('takes any number of owners, beside a controller', () => {
    const owned = setOwnerReference(
      clusterOwner,
      setOwnerReference(owner({ name: 'b', uid: 'uid-b' }), setControllerReference(owner(), child)),
    );
    expect(owned.metadata.ownerReferences?.map(({ uid }) => uid)).toEqual(['uid-a', 'uid-b', 'uid-n']);
    expect(setOwnerReference(clusterOwner, owned)).toBe(owned);
  });

  it('replaces its own earlier reference of another uid', () => {
    const owned = setOwnerReference(owner(), child);
    const next = setOwnerReference(owner({ uid: 'uid-later' }), owned);
    expect(next.metadata.ownerReferences).toEqual([ownerReference(owner({ uid: 'uid-later' }))]);
  });
});

describe('removeOwnerReference', () => {
  it('removes the reference whatever its version and uid, and no other', () => {
    const owned = setOwnerReference(clusterOwner, setControllerReference(owner(), child));
    const again = owner({ uid: 'uid-later' }, { apiVersion: 'example.com/v2' });
    expect(removeOwnerReference(again, owned).metadata.ownerReferences).toEqual([
      ownerReference(clusterOwner),
    ]);
    expect(owned.metadata.ownerReferences).toHaveLength(2);
  });

  it('gives back the very object where there is none', () => {
    expect(removeOwnerReference(owner(), child)).toBe(child);
    const owned = setOwnerReference(owner(), child);
    expect(removeOwnerReference(clusterOwner, owned)).toBe(owned);
  });
});

describe('controllerOf, isControlledBy and isOwnedBy', () => {
  const owned = setControllerReference(owner(), setOwnerReference(clusterOwner, child));

  it('find the one controller', () => {
    expect(controllerOf(owned)?.uid).toBe('uid-a');
    expect(controllerOf(child)).toBeUndefined();
    expect(controllerOf(setOwnerReference(owner(), child))).toBeUndefined();
  });

  it('go by uid, so that an owner made again is another', () => {
    expect([isControlledBy(owned, owner()), isOwnedBy(owned, owner())]).toEqual([true, true]);
    const again = owner({ uid: 'uid-later' });
    expect([isControlledBy(owned, again), isOwnedBy(owned, again)]).toEqual([false, false]);
    expect([isControlledBy(owned, clusterOwner), isOwnedBy(owned, clusterOwner)]).toEqual([false, true]);
    expect([isControlledBy(child, owner()), isOwnedBy(child, owner())]).toEqual([false, false]);
  });
});

describe('ownerKey', () => {
  it('has the namespace of what is owned, unless the owner is a cluster object', () => {
    expect(ownerKey(ownerReference(owner()), child, 'Namespaced')).toEqual({
      name: 'a',
      namespace: 'default',
    });
    expect(ownerKey(ownerReference(clusterOwner), child, 'Cluster')).toEqual({ name: 'n' });
    expect(ownerKey(ownerReference(owner()), { metadata: { name: 'pv' } }, 'Namespaced')).toEqual({
      name: 'a',
    });
  });
});

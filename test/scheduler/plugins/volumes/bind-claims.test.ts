import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { edit, isConflict, keyOf, VirtualClock } from '../../../../src/core/index.js';
import type { Client } from '../../../../src/client/index.js';
import {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from '../../../../src/resources/kinds/index.js';
import { bindClaims } from '../../../../src/scheduler/plugins/volumes/bind-claims.js';
import { chooseBindings } from '../../../../src/scheduler/plugins/volumes/choose-bindings.js';
import type { ClaimsNotBound } from '../../../../src/scheduler/plugins/volumes/claims-not-bound.js';
import type { VolumeBindings } from '../../../../src/scheduler/plugins/volumes/volume-bindings.js';
import { ObjectStore } from '../../../../src/store/index.js';
import { clusterOf, nodeOf, podOf } from '../try-plugin.js';
import { setAll, usingClaims } from './volume-objects.js';

const TIMEOUT = 600_000;
const SELECTED = 'volume.kubernetes.io/selected-node';

describe('bindClaims', () => {
  let clock: VirtualClock;
  let store: ObjectStore;
  let client: Client;

  beforeEach(() => {
    clock = new VirtualClock();
    store = new ObjectStore({
      resources: [Node, PersistentVolume, PersistentVolumeClaim, StorageClass],
      clock,
    });
    client = store.client();
  });

  afterEach(async () => {
    await store.close();
    expect(clock.timers).toBe(0);
  });

  /** A claim `c` for which there is a volume `v`, and a claim `d` for which one is to be made, of a Pod on the node `n1`. */
  async function decided(): Promise<VolumeBindings> {
    await client.create(StorageClass, {
      metadata: { name: 'wait' },
      provisioner: 'csi.example.com',
      volumeBindingMode: 'WaitForFirstConsumer',
    });
    const spec = { storageClassName: 'wait', resources: { requests: { storage: '1Gi' } } };
    const c = await client.create(PersistentVolumeClaim, {
      metadata: { name: 'c', namespace: 'default' },
      spec,
    });
    const d = await client.create(PersistentVolumeClaim, {
      metadata: { name: 'd', namespace: 'default' },
      spec,
    });
    const made = await client.create(PersistentVolume, {
      metadata: { name: 'v' },
      spec: {
        capacity: { storage: '1Gi' },
        storageClassName: 'wait',
        csi: { driver: 'x', volumeHandle: 'v' },
      },
    });
    const v = await client.update(
      PersistentVolume,
      { ...made, status: { phase: 'Available' } },
      { subresource: 'status' },
    );
    const storageClass = await client.get(StorageClass, { name: 'wait' });
    const cluster = setAll(clusterOf([nodeOf('n1', { labels: { zone: 'z1' } })]), [c, d, v, storageClass]);
    const pod = cluster.describe(podOf('p', usingClaims('c', 'd')));
    return chooseBindings(pod, { name: 'n1', labels: { zone: 'z1' } }, cluster) as VolumeBindings;
  }

  /** What the cluster's controllers do. */
  async function bind(name: string, volumeName: string): Promise<void> {
    const claim = await client.get(PersistentVolumeClaim, { namespace: 'default', name });
    await client.update(
      PersistentVolumeClaim,
      edit(claim, (draft) => {
        draft.spec = { ...draft.spec, volumeName };
        draft.metadata.annotations = {
          ...draft.metadata.annotations,
          'pv.kubernetes.io/bind-completed': 'yes',
        };
      }),
    );
  }

  async function make(name: string, zone: string): Promise<void> {
    const term = { matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] };
    const csi = { driver: 'csi.example.com', volumeHandle: name };
    const nodeAffinity = { required: { nodeSelectorTerms: [term] } };
    await client.create(PersistentVolume, { metadata: { name }, spec: { csi, nodeAffinity } });
  }

  function failureOf(work: Promise<void>): Promise<ClaimsNotBound> {
    return work.then(
      () => expect.fail('it was bound'),
      (error: unknown) => error as ClaimsNotBound,
    );
  }

  it('writes whose the volumes are and waits until all claims are bound', async () => {
    const bindings = await decided();
    let isDone = false;
    const work = bindClaims(client, bindings, { timeout: TIMEOUT }).then(() => {
      isDone = true;
    });
    await clock.advance(1_000);
    const volume = await client.get(PersistentVolume, { name: 'v' });
    const claim = await client.get(PersistentVolumeClaim, { namespace: 'default', name: 'c' });
    expect(volume.spec?.claimRef).toMatchObject({
      kind: 'PersistentVolumeClaim',
      name: 'c',
      uid: claim.metadata.uid,
    });
    expect(volume.metadata.annotations).toEqual({ 'pv.kubernetes.io/bound-by-controller': 'yes' });
    const other = await client.get(PersistentVolumeClaim, { namespace: 'default', name: 'd' });
    expect(other.metadata.annotations).toEqual({ [SELECTED]: 'n1' });
    expect(claim.metadata.annotations).toBeUndefined();

    await bind('c', 'v');
    await clock.advance(1_000);
    expect(isDone).toBe(false);
    // the claim is bound before its volume is seen
    await bind('d', 'w');
    await clock.advance(1_000);
    expect(isDone).toBe(false);
    await make('w', 'z1');
    await work;
  });

  it('writes nothing more once a write has failed', async () => {
    const bindings = await decided();
    const volume = await client.get(PersistentVolume, { name: 'v' });
    await client.update(
      PersistentVolume,
      edit(volume, (draft) => {
        draft.metadata.labels = { changed: 'yes' };
      }),
    );
    const error = await failureOf(bindClaims(client, bindings, { timeout: TIMEOUT }));
    expect(error).toMatchObject({ name: 'ClaimsNotBound', bound: [], unbound: ['default/c', 'default/d'] });
    expect(isConflict(error.cause)).toBe(true);
    const other = await client.get(PersistentVolumeClaim, { namespace: 'default', name: 'd' });
    expect(other.metadata.annotations).toBeUndefined();
  });

  it('says which claims are bound when the time is up', async () => {
    const failure = failureOf(bindClaims(client, await decided(), { timeout: TIMEOUT }));
    await clock.advance(1_000);
    await bind('c', 'v');
    await clock.advance(TIMEOUT);
    const error = await failure;
    expect(error).toMatchObject({ bound: ['default/c'], unbound: ['default/d'] });
    expect(error.message).toContain('600000 ms');
  });

  it('gives up with its signal, before and while it waits', async () => {
    const reason = new Error('enough');
    const bindings = await decided();
    const early = await failureOf(
      bindClaims(client, bindings, { timeout: TIMEOUT, signal: AbortSignal.abort(reason) }),
    );
    expect(early.cause).toBe(reason);
    const controller = new AbortController();
    const failure = failureOf(bindClaims(client, bindings, { timeout: TIMEOUT, signal: controller.signal }));
    await clock.advance(1_000);
    controller.abort(reason);
    expect((await failure).cause).toBe(reason);
  });

  it('fails where the node is taken back, as no volume could be made', async () => {
    const failure = failureOf(bindClaims(client, await decided(), { timeout: TIMEOUT }));
    await clock.advance(1_000);
    const patch = { metadata: { annotations: { [SELECTED]: null } } };
    await client.patch(PersistentVolumeClaim, { namespace: 'default', name: 'd' }, { type: 'merge', patch });
    expect((await failure).message).toContain('no volume could be made for claim default/d on node n1');
  });

  it('fails where a volume is taken back', async () => {
    const failure = failureOf(bindClaims(client, await decided(), { timeout: TIMEOUT }));
    await clock.advance(1_000);
    await client.patch(
      PersistentVolume,
      { name: 'v' },
      { type: 'merge', patch: { spec: { claimRef: null } } },
    );
    expect((await failure).message).toContain('volume v is not kept for claim default/c any more');
  });

  it('fails where a volume is made that the node cannot reach', async () => {
    const failure = failureOf(bindClaims(client, await decided(), { timeout: TIMEOUT }));
    await clock.advance(1_000);
    await make('w', 'z2');
    await bind('d', 'w');
    expect((await failure).message).toContain('volume w is out of reach of node n1');
  });

  it('fails where a claim has gone', async () => {
    const bindings = await decided();
    const failure = failureOf(bindClaims(client, bindings, { timeout: TIMEOUT }));
    await clock.advance(1_000);
    await client.delete(PersistentVolumeClaim, keyOf(bindings.provision[0] as PersistentVolumeClaim));
    expect((await failure).message).toContain('claim default/d has gone');
  });
});

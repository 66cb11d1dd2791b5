import { describe, expect, it } from 'vitest';
import type { ObjectOf } from '../../src/resources/index.js';
import {
  Deployment,
  Pod,
  PodDisruptionBudget,
  ReplicationController,
} from '../../src/resources/kinds/index.js';
import {
  at,
  expectDeeplyFrozen,
  failure,
  fieldsOf,
  Note,
  setUp,
  type Setup,
  Website,
  website,
} from './kit.js';

const podSpec = { containers: [{ name: 'c', image: 'i' }] };

function withPods(): Setup {
  return setUp({}, Pod, PodDisruptionBudget, Deployment, ReplicationController);
}

describe('status', () => {
  it('reads the object and writes its status', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    expect(await client.subresource(Website, at('a'), 'status')).toBe(site);
    const next = await client.subresource(Website, at('a'), 'status', {
      ...site,
      status: { readyReplicas: 1 },
    });
    expect(next).toBe(await client.get(Website, at('a')));
    expect(next).toMatchObject({ status: { readyReplicas: 1 } });
  });

  it('refuses a body that is of another object', async () => {
    const { client } = setUp();
    await client.create(Website, website('a'));
    const other = await client.create(Website, website('b'));
    const body = { ...other, status: { readyReplicas: 1 } };
    const error = await failure(client.subresource(Website, at('a'), 'status', body), 'BadRequest');
    expect(fieldsOf(error)).toEqual(['metadata.name']);
    const elsewhere = client.subresource(Website, at('b', 'other'), 'status', body);
    expect(fieldsOf(await failure(elsewhere, 'BadRequest'))).toEqual(['metadata.namespace']);
  });
});

describe('scale', () => {
  it('shows and changes the replicas where the kind keeps them', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a', { replicas: 2 }));
    const scale = await client.subresource(Website, at('a'), 'scale');
    expect(scale).toEqual({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: {
        ...at('a'),
        uid: site.metadata.uid,
        resourceVersion: '2',
        creationTimestamp: '2026-01-01T00:00:00Z',
      },
      spec: { replicas: 2 },
      status: { replicas: 0 },
    });
    expectDeeplyFrozen(scale);
    const scaled = await client.subresource(Website, at('a'), 'scale', { spec: { replicas: 5 } });
    expect(scaled).toMatchObject({ metadata: { resourceVersion: '3' }, spec: { replicas: 5 } });
    expect(await client.get(Website, at('a'))).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 5 },
    });
  });

  it('is a Conflict for a revision that is not the newest', async () => {
    const { client } = setUp();
    await client.create(Website, website('a'));
    const body = { metadata: { resourceVersion: '1' }, spec: { replicas: 5 } };
    await failure(client.subresource(Website, at('a'), 'scale', body), 'Conflict');
  });

  it('takes a whole number, 0 or more', async () => {
    const { client } = setUp();
    await client.create(Website, website('a'));
    for (const replicas of [-1, 1.5, '2', null, undefined, Number.NaN]) {
      const error = await failure(
        client.subresource(Website, at('a'), 'scale', { spec: { replicas } }),
        'BadRequest',
      );
      expect(fieldsOf(error)).toEqual(['spec.replicas']);
    }
    expect((await client.list(Website)).resourceVersion).toBe('2');
  });

  it('writes the selector as text, from a label selector and from a plain map', async () => {
    const { client } = withPods();
    const template = { metadata: { labels: { app: 'a' } }, spec: podSpec };
    const selector = { matchLabels: { app: 'a' }, matchExpressions: [{ key: 'tier', operator: 'Exists' }] };
    await client.create(Deployment, { metadata: at('a'), spec: { selector, template } });
    expect(await client.subresource(Deployment, at('a'), 'scale')).toMatchObject({
      status: { selector: 'app=a,tier' },
    });
    await client.create(ReplicationController, {
      metadata: at('a'),
      spec: { selector: { app: 'a', tier: 'x' } },
    });
    expect(await client.subresource(ReplicationController, at('a'), 'scale')).toMatchObject({
      status: { selector: 'app=a,tier=x' },
    });
  });
});

describe('binding', () => {
  it('assigns a Pod to a node, once', async () => {
    const { client } = withPods();
    await client.create(Pod, { metadata: at('p'), spec: podSpec });
    await client.subresource(Pod, at('p'), 'binding', { target: { kind: 'Node', name: 'n1' } });
    expect((await client.get(Pod, at('p'))).spec?.nodeName).toBe('n1');
    const again = client.subresource(Pod, at('p'), 'binding', { target: { name: 'n2' } });
    expect((await failure(again, 'Conflict')).message).toContain('already assigned to node "n1"');
  });

  it('wants a node', async () => {
    const { client } = withPods();
    await client.create(Pod, { metadata: at('p'), spec: podSpec });
    for (const body of [{}, { target: { name: '' } }, { target: 'n1' }, null]) {
      expect(
        fieldsOf(await failure(client.subresource(Pod, at('p'), 'binding', body), 'BadRequest')),
      ).toEqual(['target.name']);
    }
  });

  it('is a Conflict for a Pod that is being deleted, or is not the one that was meant', async () => {
    const { client } = withPods();
    await client.create(Pod, { metadata: { ...at('p'), finalizers: ['example.com/hold'] }, spec: podSpec });
    const other = { metadata: { ...at('p'), uid: 'other' }, target: { name: 'n1' } };
    await failure(client.subresource(Pod, at('p'), 'binding', other), 'Conflict');
    await client.delete(Pod, at('p'));
    await failure(client.subresource(Pod, at('p'), 'binding', { target: { name: 'n1' } }), 'Conflict');
  });
});

describe('eviction', () => {
  async function withBudget(
    disruptionsAllowed: number | undefined,
    name = 'b',
    setup: Setup = withPods(),
  ): Promise<Setup> {
    const { client } = setup;
    const spec = { selector: { matchLabels: { app: 'a' } } };
    const budget = await client.create(PodDisruptionBudget, { metadata: at(name), spec });
    if (disruptionsAllowed !== undefined) {
      const status = { disruptionsAllowed, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 };
      await client.update(PodDisruptionBudget, { ...budget, status }, { subresource: 'status' });
    }
    return setup;
  }

  async function pod({ client }: Setup, name: string, phase?: string): Promise<ObjectOf<typeof Pod>> {
    const created = await client.create(Pod, {
      metadata: { ...at(name), labels: { app: 'a' } },
      spec: podSpec,
    });
    if (phase === undefined) return created;
    return client.update(Pod, { ...created, status: { phase } }, { subresource: 'status' });
  }

  it('deletes a Pod that no budget covers', async () => {
    const setup = withPods();
    await pod(setup, 'p');
    await setup.client.subresource(Pod, at('p'), 'eviction', { metadata: at('p') });
    await failure(setup.client.get(Pod, at('p')), 'NotFound');
  });

  it('is paid for by the budget, and is TooManyRequests when that is used up', async () => {
    const setup = await withBudget(1);
    const { client, clock } = setup;
    await pod(setup, 'p');
    await pod(setup, 'q');
    await clock.advance(7_000);
    await client.subresource(Pod, at('p'), 'eviction', {});
    expect((await client.get(PodDisruptionBudget, at('b'))).status).toMatchObject({
      disruptionsAllowed: 0,
      disruptedPods: { p: '2026-01-01T00:00:07Z' },
    });
    const error = await failure(client.subresource(Pod, at('q'), 'eviction', {}), 'TooManyRequests');
    expect(error.details.retryAfterSeconds).toBe(10);
    expect(error.message).toContain('"b"');
    await client.get(Pod, at('q'));
  });

  it('is refused while the budget has no status, or an old one', async () => {
    const setup = await withBudget(undefined);
    await pod(setup, 'p');
    await failure(setup.client.subresource(Pod, at('p'), 'eviction', {}), 'TooManyRequests');
    const budget = await setup.client.get(PodDisruptionBudget, at('b'));
    const status = {
      disruptionsAllowed: 1,
      observedGeneration: 0,
      currentHealthy: 3,
      desiredHealthy: 2,
      expectedPods: 3,
    };
    await setup.client.update(PodDisruptionBudget, { ...budget, status }, { subresource: 'status' });
    await failure(setup.client.subresource(Pod, at('p'), 'eviction', {}), 'TooManyRequests');
  });

  it('asks no budget for a Pod that is over, waiting or dying', async () => {
    const setup = await withBudget(0);
    for (const phase of ['Succeeded', 'Failed', 'Pending']) {
      await pod(setup, phase.toLowerCase(), phase);
      await setup.client.subresource(Pod, at(phase.toLowerCase()), 'eviction', {});
    }
    expect((await setup.client.list(Pod)).items).toEqual([]);
  });

  it('changes nothing where it is refused, and nothing in a dry run', async () => {
    const setup = await withBudget(1);
    const { client } = setup;
    const { metadata } = await pod(setup, 'p');
    const before = (await client.list(Pod)).resourceVersion;
    const preconditions = (uid: string): object => ({ deleteOptions: { preconditions: { uid } } });
    await failure(client.subresource(Pod, at('p'), 'eviction', preconditions('other')), 'Conflict');
    const guards = [{ apiVersion: 'v1', kind: 'Pod', ...at('none') }];
    await failure(client.subresource(Pod, at('p'), 'eviction', {}, { guards }), 'Conflict');
    await client.subresource(Pod, at('p'), 'eviction', {}, { dryRun: true });
    expect((await client.list(Pod)).resourceVersion).toBe(before);
    await client.subresource(Pod, at('p'), 'eviction', preconditions(metadata.uid));
    expect((await client.list(Pod)).items).toEqual([]);
  });

  it('does not choose between several budgets', async () => {
    const setup = await withBudget(1, 'c', await withBudget(1));
    await pod(setup, 'p');
    const error = await failure(setup.client.subresource(Pod, at('p'), 'eviction', {}), 'InternalError');
    expect(error.message).toContain('b, c');
  });

  it('looks at the budgets of its own namespace', async () => {
    const setup = await withBudget(0);
    const metadata = { ...at('p', 'other'), labels: { app: 'a' } };
    await setup.client.create(Pod, { metadata, spec: podSpec });
    await setup.client.subresource(Pod, at('p', 'other'), 'eviction', {});
  });
});

describe('a subresource that a kind does not have', () => {
  it('is NotFound', async () => {
    const { client } = withPods();
    await client.create(Website, website('a'));
    await client.create(Note, { metadata: at('a') });
    for (const name of ['binding', 'eviction', 'proxy', '__proto__', 'constructor']) {
      await failure(client.subresource(Website, at('a'), name, {}), 'NotFound');
    }
    await failure(client.subresource(Note, at('a'), 'scale'), 'NotFound');
    await failure(client.subresource(Note, at('a'), 'status'), 'NotFound');
  });

  it('is NotFound for an object that is not there', async () => {
    const { client } = withPods();
    await failure(client.subresource(Website, at('a'), 'scale'), 'NotFound');
    await failure(client.subresource(Pod, at('a'), 'binding', { target: { name: 'n' } }), 'NotFound');
    await failure(client.subresource(Pod, at('a'), 'eviction', {}), 'NotFound');
  });
});

import { describe, expect, it } from 'vitest';
import type { Client } from '../../../src/client/index.js';
import { SeededRandom, VirtualClock } from '../../../src/core/index.js';
import {
  ConfigMap,
  type Container,
  Deployment,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerV1,
  Namespace,
  PersistentVolumeClaim,
  Pod,
  ReplicaSet,
  ResourceQuota,
  type ResourceQuotaSpec,
  Secret,
  Service,
} from '../../../src/resources/kinds/index.js';
import type { AdmissionPlugin } from '../../../src/store/admission/admission-plugin.js';
import { resourceQuota } from '../../../src/store/admission/resource-quota.js';
import { ObjectStore } from '../../../src/store/index.js';
import { SimulatedStorage } from '../../../src/testing/index.js';
import { at, failure, fieldsOf, lines, Note, setUp as setUpStore, Website, website } from '../kit.js';
import { FakeStore, requestOf, stored, thrown, validate } from './kit.js';

const KINDS = [
  ConfigMap,
  Deployment,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerV1,
  Namespace,
  PersistentVolumeClaim,
  Pod,
  ReplicaSet,
  ResourceQuota,
  Secret,
  Service,
];

interface Setup {
  readonly store: ObjectStore;
  readonly client: Client;
  /** What the status of the quota says. */
  readonly used: (name?: string) => Promise<Readonly<Record<string, string>> | undefined>;
}

/** A store with a quota called `q`. */
async function setUp(
  hard: Readonly<Record<string, string>>,
  more: Omit<ResourceQuotaSpec, 'hard'> = {},
  plugins: readonly AdmissionPlugin[] = [],
): Promise<Setup> {
  const { store, client } = setUpStore({ admission: [...plugins, resourceQuota()] }, ...KINDS);
  await client.create(ResourceQuota, { metadata: at('q'), spec: { hard, ...more } });
  const used: Setup['used'] = async (name = 'q') => (await client.get(ResourceQuota, at(name))).status?.used;
  return { store, client, used };
}

type Resources = NonNullable<Container['resources']>;

function pod(
  name: string,
  resources?: Resources,
  spec: Partial<Pod['spec']> = {},
): { metadata: ReturnType<typeof at>; spec: Pod['spec'] } {
  const container = {
    name: 'main',
    image: 'nginx',
    ...(resources === undefined ? undefined : { resources }),
  };
  return { metadata: at(name), spec: { containers: [container], ...spec } };
}

async function end(client: Client, name: string, phase: string): Promise<void> {
  await client.patch(
    Pod,
    at(name),
    { type: 'merge', patch: { status: { phase } } },
    { subresource: 'status' },
  );
}

describe('a quota of objects', () => {
  it('counts what is created and deleted, and refuses what would exceed it', async () => {
    const { client, used } = await setUp({ pods: '2', 'count/pods': '5' });
    await client.create(Pod, pod('a'));
    expect(await used()).toEqual({ pods: '1', 'count/pods': '1' });
    await client.create(Pod, pod('b'));
    const error = await failure(client.create(Pod, pod('c')), 'Forbidden');
    expect(error.message).toBe(
      'pods "c" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2',
    );
    expect(error.details).toEqual({ name: 'c', group: '', kind: 'pods' });
    expect(await used()).toEqual({ pods: '2', 'count/pods': '2' });
    await failure(client.get(Pod, at('c')), 'NotFound');
    await client.delete(Pod, at('a'));
    await client.create(Pod, pod('c'));
    expect(await used()).toEqual({ pods: '2', 'count/pods': '2' });
    await client.create(Pod, { ...pod('c'), metadata: at('c', 'kube-system') });
  });

  it('changes in the commit of the write that changes it', async () => {
    const { client } = await setUp({ pods: '2' });
    const watch = client.watch(ResourceQuota, { namespace: 'default' });
    const created = await client.create(Pod, pod('a'));
    const { resourceVersion } = (await client.get(ResourceQuota, at('q'))).metadata;
    expect(resourceVersion).toBe(created.metadata.resourceVersion);
    const deleted = await client.delete(Pod, at('a'));
    expect((await client.get(ResourceQuota, at('q'))).metadata.resourceVersion).toBe(deleted.resourceVersion);
    expect((await lines(client, watch)).slice(1)).toEqual([
      `MODIFIED q @${resourceVersion}`,
      `MODIFIED q @${deleted.resourceVersion}`,
    ]);
  });

  it('counts every kind that the store serves, those of the core group by their plural too', async () => {
    const hard = {
      configmaps: '9',
      secrets: '9',
      services: '9',
      resourcequotas: '9',
      'count/configmaps': '9',
      'count/deployments.apps': '9',
      'count/websites.example.com': '1',
      'count/widgets.example.com': '9',
      'count/resourcequotas': '9',
    };
    const { client, used } = await setUp(hard);
    const none = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']));
    expect(await used()).toEqual({ ...none, resourcequotas: '1', 'count/resourcequotas': '1' });
    await client.create(ConfigMap, { metadata: at('a') });
    await client.create(Website, website('a'));
    const error = await failure(client.create(Website, website('b')), 'Forbidden');
    expect(error.message).toContain(
      'websites.example.com "b" is forbidden: exceeded quota: q, requested: count/websites.example.com=1, used: count/websites.example.com=1, limited: count/websites.example.com=1',
    );
    await client.create(ResourceQuota, { metadata: at('other'), spec: {} });
    const all = {
      ...none,
      resourcequotas: '2',
      'count/resourcequotas': '2',
      configmaps: '1',
      'count/configmaps': '1',
    };
    expect(await used()).toEqual({ ...all, 'count/websites.example.com': '1' });
    await client.delete(ResourceQuota, at('other'));
    await client.delete(Website, at('a'));
    expect(await used()).toMatchObject({ resourcequotas: '1', 'count/websites.example.com': '0' });
  });

  it('is counted when it is new, and when what it says changes', async () => {
    const { client, used } = await setUp({ pods: '5' });
    for (const name of ['a', 'b', 'c']) await client.create(Pod, pod(name));
    const created = await client.create(ResourceQuota, {
      metadata: at('late'),
      spec: { hard: { pods: '2' } },
    });
    expect(created.status).toEqual({ hard: { pods: '2' }, used: { pods: '3' } });
    const patch = { spec: { hard: { 'count/pods': '9', pods: '2' } } };
    const patched = await client.patch(ResourceQuota, at('q'), { type: 'merge', patch });
    expect(patched.status).toEqual({
      hard: { pods: '2', 'count/pods': '9' },
      used: { pods: '3', 'count/pods': '3' },
    });
    await client.delete(Pod, at('a'));
    expect(await used()).toEqual({ pods: '2', 'count/pods': '2' });
    expect(await used('late')).toEqual({ pods: '2' });
    await client.patch(ResourceQuota, at('q'), {
      type: 'merge',
      patch: { metadata: { labels: { a: 'b' } } },
    });
    expect(await used()).toEqual({ pods: '2', 'count/pods': '2' });
    await client.patch(ResourceQuota, at('q'), { type: 'merge', patch: { spec: null } });
    expect((await client.get(ResourceQuota, at('q'))).status).toEqual({ used: {} });
  });

  it('stays right whatever somebody writes into its status', async () => {
    const { client, used } = await setUp({ pods: '1' });
    await client.create(Pod, pod('a'));
    const patch = { status: { hard: { pods: '100' }, used: { pods: '0' } } };
    const patched = await client.patch(
      ResourceQuota,
      at('q'),
      { type: 'merge', patch },
      { subresource: 'status' },
    );
    expect(patched.status).toEqual({ hard: { pods: '1' }, used: { pods: '1' } });
    await failure(client.create(Pod, pod('b')), 'Forbidden');
    expect(await used()).toEqual({ pods: '1' });
  });

  it('that is exceeded already refuses what adds to it, and nothing else', async () => {
    const { client } = await setUp({ pods: '9', 'requests.cpu': '9' });
    for (const name of ['a', 'b']) await client.create(Pod, pod(name, { requests: { cpu: '2' } }));
    const lower = { spec: { hard: { pods: '1', 'requests.cpu': '3' } } };
    await client.patch(ResourceQuota, at('q'), { type: 'merge', patch: lower });
    await client.patch(Pod, at('a'), { type: 'merge', patch: { metadata: { labels: { a: 'b' } } } });
    const cpu = (amount: string): object => ({
      spec: { containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu: amount } } }] },
    });
    await client.patch(Pod, at('a'), { type: 'merge', patch: cpu('1500m') });
    const error = await failure(client.patch(Pod, at('a'), { type: 'merge', patch: cpu('2') }), 'Forbidden');
    expect(error.message).toContain(
      'requested: requests.cpu=500m, used: requests.cpu=3500m, limited: requests.cpu=3',
    );
    await client.delete(Pod, at('a'));
  });

  it('refuses a dry run, and does not count it', async () => {
    const { client, used } = await setUp({ pods: '1' });
    await client.create(Pod, pod('a'), { dryRun: true });
    await client.create(Pod, pod('a'));
    await failure(client.create(Pod, pod('b'), { dryRun: true }), 'Forbidden');
    await client.delete(Pod, at('a'), { dryRun: true });
    expect(await used()).toEqual({ pods: '1' });
  });

  it('is one of several: all of them must have room, or none is charged', async () => {
    const { client, used } = await setUp({ pods: '5' });
    await client.create(ResourceQuota, { metadata: at('z'), spec: { hard: { pods: '1' } } });
    await client.create(Pod, pod('a'));
    const error = await failure(client.create(Pod, pod('b')), 'Forbidden');
    expect(error.message).toContain('exceeded quota: z');
    expect([await used('q'), await used('z')]).toEqual([{ pods: '1' }, { pods: '1' }]);
  });
});

describe('a quota of what Pods take', () => {
  it('sums up requests and limits, and the overhead', async () => {
    const { client, used } = await setUp({
      cpu: '10',
      'requests.memory': '10Gi',
      'limits.cpu': '10',
      'limits.memory': '10Gi',
      'requests.example.com/gpu': '4',
      'requests.ephemeral-storage': '1Gi',
      'hugepages-2Mi': '1Gi',
    });
    const resources = {
      requests: {
        cpu: '500m',
        memory: '1Gi',
        'example.com/gpu': '1',
        'hugepages-2Mi': '4Mi',
        'ephemeral-storage': '1Mi',
      },
      limits: { cpu: '1', memory: '2Gi', 'example.com/gpu': '1' },
    };
    await client.create(Pod, pod('a', resources, { overhead: { cpu: '100m' } }));
    await client.create(Pod, pod('b', resources));
    expect(await used()).toEqual({
      cpu: '1100m',
      'requests.memory': '2Gi',
      'limits.cpu': '2100m',
      'limits.memory': '4Gi',
      'requests.example.com/gpu': '2',
      'requests.ephemeral-storage': '2Mi',
      'hugepages-2Mi': '8Mi',
    });
    const much = pod('c', { requests: { cpu: '9', memory: '9Gi' }, limits: { cpu: '9', memory: '9Gi' } });
    const error = await failure(client.create(Pod, much), 'Forbidden');
    expect(error.message).toBe(
      'pods "c" is forbidden: exceeded quota: q, requested: cpu=9,limits.cpu=9,limits.memory=9Gi,requests.memory=9Gi, used: cpu=1100m,limits.cpu=2100m,limits.memory=4Gi,requests.memory=2Gi, limited: cpu=10,limits.cpu=10,limits.memory=10Gi,requests.memory=10Gi',
    );
  });

  it('wants every container to say what it takes', async () => {
    const { client } = await setUp({
      cpu: '10',
      'limits.memory': '10Gi',
      'requests.ephemeral-storage': '1Gi',
    });
    const containers = [
      { name: 'b', resources: { requests: { cpu: '1' } } },
      { name: 'a', resources: { limits: { memory: '1Gi' } } },
    ];
    const initContainers = [{ name: 'i', resources: { limits: { memory: '1Gi' } } }];
    const error = await failure(
      client.create(Pod, pod('x', undefined, { containers, initContainers })),
      'Forbidden',
    );
    expect(error.message).toBe(
      'pods "x" is forbidden: failed quota: q: must specify cpu for: a,i; limits.memory for: b',
    );
  });

  it('takes nothing below zero', async () => {
    const { client } = await setUp({ 'requests.cpu': '1' });
    const error = await failure(client.create(Pod, pod('a', { requests: { cpu: '-1' } })), 'Forbidden');
    expect(error.message).toContain('quota usage is negative for resource(s): requests.cpu');
  });

  it('gets back what a Pod took when it ends, while the object still counts', async () => {
    const { client, used } = await setUp({ pods: '1', cpu: '1', 'count/pods': '3' });
    await client.create(Pod, pod('a', { requests: { cpu: '1' } }));
    await failure(client.create(Pod, pod('b', { requests: { cpu: '1' } })), 'Forbidden');
    await end(client, 'a', 'Running');
    expect(await used()).toEqual({ pods: '1', cpu: '1', 'count/pods': '1' });
    await end(client, 'a', 'Succeeded');
    expect(await used()).toEqual({ pods: '0', cpu: '0', 'count/pods': '1' });
    await client.create(Pod, pod('b', { requests: { cpu: '1' } }));
    // what a controller says is true, even where there is no room for it
    await end(client, 'a', 'Running');
    expect(await used()).toEqual({ pods: '2', cpu: '2', 'count/pods': '2' });
    await client.delete(Pod, at('a'));
    await end(client, 'b', 'Failed');
    expect(await used()).toEqual({ pods: '0', cpu: '0', 'count/pods': '1' });
  });

  it('keeps counting a Pod that waits for its finalizers', async () => {
    const { client, used } = await setUp({ pods: '1' });
    await client.create(Pod, { ...pod('a'), metadata: { ...at('a'), finalizers: ['example.com/hold'] } });
    await client.delete(Pod, at('a'));
    expect(await used()).toEqual({ pods: '1' });
    await client.patch(Pod, at('a'), { type: 'merge', patch: { metadata: { finalizers: null } } });
    expect(await used()).toEqual({ pods: '0' });
  });
});

describe('the scopes of a quota', () => {
  const small = { requests: { cpu: '1m' } };
  const near = { labelSelector: {}, topologyKey: 'zone', namespaces: ['other'] };
  const PODS: readonly ReturnType<typeof pod>[] = [
    pod('best-effort'),
    pod('burstable', small),
    pod('job', small, { activeDeadlineSeconds: 10 }),
    pod('zero', { requests: { cpu: '0' } }, { priorityClassName: 'high' }),
    pod('low', small, { priorityClassName: 'low' }),
    pod('near', small, {
      affinity: {
        podAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: near }],
        },
      },
    }),
  ];
  const priority = (operator: string, ...values: readonly string[]): Omit<ResourceQuotaSpec, 'hard'> => ({
    scopeSelector: {
      matchExpressions: [
        { scopeName: 'PriorityClass', operator, ...(values.length === 0 ? undefined : { values }) },
      ],
    },
  });

  it.each([
    [{ scopes: ['BestEffort'] }, ['best-effort', 'zero']],
    [{ scopes: ['NotBestEffort'] }, ['burstable', 'job', 'low', 'near']],
    [{ scopes: ['Terminating'] }, ['job']],
    [{ scopes: ['NotTerminating'] }, ['best-effort', 'burstable', 'zero', 'low', 'near']],
    [{ scopes: ['NotTerminating', 'NotBestEffort'] }, ['burstable', 'low', 'near']],
    [{ scopes: ['PriorityClass'] }, ['zero', 'low']],
    [{ scopes: ['CrossNamespacePodAffinity'] }, ['near']],
    [priority('In', 'high', 'higher'), ['zero']],
    [priority('NotIn', 'high'), ['best-effort', 'burstable', 'job', 'low', 'near']],
    [priority('Exists'), ['zero', 'low']],
    [priority('DoesNotExist'), ['best-effort', 'burstable', 'job', 'near']],
    [{ ...priority('Exists'), scopes: ['BestEffort'] }, ['zero']],
  ] satisfies [Omit<ResourceQuotaSpec, 'hard'>, readonly string[]][])(
    '%j count %j',
    async (scopes, names) => {
      const { client, used } = await setUp({ pods: '9', services: '9' }, scopes);
      for (const each of PODS) await client.create(Pod, each);
      await client.create(Service, { metadata: at('a'), spec: { ports: [{ port: 80 }] } });
      expect(await used()).toEqual({ pods: String(names.length), services: '0' });
      const late = await client.create(ResourceQuota, {
        metadata: at('late'),
        spec: { hard: { pods: '9' }, ...scopes },
      });
      expect(late.status?.used).toEqual({ pods: String(names.length) });
    },
  );

  it('follow a Pod that comes into them', async () => {
    const { client, used } = await setUp({ pods: '9' }, { scopes: ['Terminating'] });
    await client.create(Pod, pod('a'));
    expect(await used()).toEqual({ pods: '0' });
    await client.patch(Pod, at('a'), { type: 'merge', patch: { spec: { activeDeadlineSeconds: 5 } } });
    expect(await used()).toEqual({ pods: '1' });
  });

  it('must be known, well-formed, and stay', async () => {
    const { client } = await setUp({ pods: '1' }, { scopes: ['BestEffort'] });
    const matchExpressions = [
      { scopeName: 'Weekend', operator: 'Exists' },
      { scopeName: 'PriorityClass', operator: 'Near' },
      { scopeName: 'BestEffort', operator: 'In', values: ['a'] },
      { scopeName: 'PriorityClass', operator: 'In' },
      { scopeName: 'PriorityClass', operator: 'Exists', values: ['a'] },
    ];
    const spec = { hard: { pods: '-1' }, scopes: ['Sunday'], scopeSelector: { matchExpressions } };
    const error = await failure(client.create(ResourceQuota, { metadata: at('a'), spec }), 'Invalid');
    expect(fieldsOf(error)).toEqual([
      'spec.scopes[0]',
      'spec.scopeSelector.matchExpressions[0].scopeName',
      'spec.scopeSelector.matchExpressions[1].operator',
      'spec.scopeSelector.matchExpressions[2].operator',
      'spec.scopeSelector.matchExpressions[3].values',
      'spec.scopeSelector.matchExpressions[4].values',
      'spec.hard[pods]',
    ]);
    const patch = { spec: { scopes: ['NotBestEffort'], scopeSelector: { matchExpressions: [] } } };
    const changed = await failure(client.patch(ResourceQuota, at('q'), { type: 'merge', patch }), 'Invalid');
    expect(fieldsOf(changed)).toEqual(['spec.scopes', 'spec.scopeSelector']);
  });
});

describe('a quota that was stored before it was checked', () => {
  it('can be labelled, but not be changed for another wrong one', () => {
    const oldObject = stored(ResourceQuota, { metadata: at('q'), spec: { scopes: ['Sunday'] } });
    const update = (spec: object): void => {
      const object = stored(ResourceQuota, { metadata: { ...at('q'), labels: { a: 'b' } }, spec });
      void validate([resourceQuota()], requestOf(ResourceQuota, { object, oldObject }));
    };
    update({ scopes: ['Sunday'] });
    expect(thrown(() => update({ scopes: ['Monday'] }))).toMatchObject({ reason: 'Invalid' });
  });
});

describe('a quota of Services and claims', () => {
  it('counts node ports and load balancers, as they change too', async () => {
    const hard = { services: '9', 'services.nodeports': '3', 'services.loadbalancers': '1' };
    const { client, used } = await setUp(hard);
    const ports = [
      { name: 'a', port: 1 },
      { name: 'b', port: 2, nodePort: 30_000 },
    ];
    await client.create(Service, { metadata: at('a'), spec: { ports } });
    await client.create(Service, { metadata: at('b'), spec: { type: 'NodePort', ports } });
    expect(await used()).toEqual({ services: '2', 'services.nodeports': '2', 'services.loadbalancers': '0' });
    const balanced = { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports };
    await client.create(Service, { metadata: at('c'), spec: balanced });
    expect(await used()).toEqual({ services: '3', 'services.nodeports': '3', 'services.loadbalancers': '1' });
    const patch = { spec: { type: 'LoadBalancer' } };
    const error = await failure(client.patch(Service, at('a'), { type: 'merge', patch }), 'Forbidden');
    expect(error.message).toContain(
      'requested: services.loadbalancers=1,services.nodeports=2, used: services.loadbalancers=1,services.nodeports=3',
    );
    await client.patch(Service, at('b'), { type: 'merge', patch: { spec: { type: 'ClusterIP' } } });
    expect(await used()).toEqual({ services: '3', 'services.nodeports': '1', 'services.loadbalancers': '1' });
  });

  it('counts the storage that claims request, of each class too', async () => {
    const hard = {
      persistentvolumeclaims: '9',
      'requests.storage': '10Gi',
      'fast.storageclass.storage.k8s.io/requests.storage': '4Gi',
      'fast.storageclass.storage.k8s.io/persistentvolumeclaims': '2',
    };
    const { client, used } = await setUp(hard);
    const claim = (name: string, storage: string, storageClassName?: string): object => ({
      metadata: at(name),
      spec: {
        resources: { requests: { storage } },
        ...(storageClassName === undefined ? {} : { storageClassName }),
      },
    });
    const create = async (...args: Parameters<typeof claim>): Promise<unknown> =>
      client.create(PersistentVolumeClaim, claim(...args) as { metadata: { name: string } });
    await create('a', '1Gi');
    await create('b', '3Gi', 'fast');
    expect(await used()).toEqual({
      persistentvolumeclaims: '2',
      'requests.storage': '4Gi',
      'fast.storageclass.storage.k8s.io/requests.storage': '3Gi',
      'fast.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
    });
    const error = await failure(create('c', '2Gi', 'fast'), 'Forbidden');
    expect(error.message).toContain('limited: fast.storageclass.storage.k8s.io/requests.storage=4Gi');
    const promised = { status: { allocatedResources: { storage: '5Gi' } } };
    await client.patch(
      PersistentVolumeClaim,
      at('a'),
      { type: 'merge', patch: promised },
      { subresource: 'status' },
    );
    expect(await used()).toMatchObject({ 'requests.storage': '8Gi' });
  });
});

describe('the count of a quota', () => {
  it('holds against a hundred creates at once', async () => {
    const { client, used } = await setUp({ pods: '7' });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, (_, index) => client.create(Pod, pod(`pod-${index}`))),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(7);
    expect(await used()).toEqual({ pods: '7' });
    expect((await client.list(Pod)).items).toHaveLength(7);
  });

  it('holds against a hundred creates at once that wait on their way', async () => {
    const slow: AdmissionPlugin = { name: 'slow', validate: async () => Promise.resolve() };
    const { client, used } = await setUp({ pods: '7' }, {}, [slow]);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, (_, index) => client.create(Pod, pod(`pod-${index}`))),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(outcomes.length - refused.length).toBe(7);
    for (const { reason } of refused) expect((reason as Error).message).toContain('exceeded quota: q');
    expect(await used()).toEqual({ pods: '7' });
    expect((await client.list(Pod)).items).toHaveLength(7);
  });

  it('holds between two stores on one storage', async () => {
    const clock = new VirtualClock();
    const storage = new SimulatedStorage({ clock });
    const [first, second] = [1, 2].map((seed) => {
      const admission = [resourceQuota()];
      return new ObjectStore({
        resources: [Pod, ResourceQuota],
        storage,
        clock,
        random: new SeededRandom(seed),
        admission,
      });
    }) as [ObjectStore, ObjectStore];
    const clients = [first.client(), second.client()] as const;
    await clients[0].create(ResourceQuota, { metadata: at('q'), spec: { hard: { pods: '7' } } });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, (_, index) =>
        (clients[index % 2] as Client).create(Pod, pod(`pod-${index}`)),
      ),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(outcomes.length - refused.length).toBe(7);
    for (const { reason } of refused) expect((reason as Error).message).toContain('exceeded quota: q');
    for (const client of clients) {
      await client.barrier();
      expect((await client.get(ResourceQuota, at('q'))).status?.used).toEqual({ pods: '7' });
      expect((await client.list(Pod)).items).toHaveLength(7);
    }
    await first.close();
    await second.close();
  });

  it('holds in transactions', async () => {
    const { store, client, used } = await setUp({ pods: '2' });
    const three = store.transaction(async (tx) => {
      for (const name of ['a', 'b', 'c']) await tx.create(Pod, pod(name));
    });
    await failure(three, 'Forbidden');
    expect(await used()).toEqual({ pods: '0' });
    await store.transaction(async (tx) => {
      for (const name of ['a', 'b']) await tx.create(Pod, pod(name));
    });
    expect(await used()).toEqual({ pods: '2' });
    await store.transaction(async (tx) => {
      await tx.delete(Pod, at('a'));
      await tx.create(Pod, pod('c'));
    });
    expect(await used()).toEqual({ pods: '2' });
    expect((await client.list(Pod)).items.map(({ metadata }) => metadata.name)).toEqual(['b', 'c']);
  });

  it('follows what the store deletes of its own accord', async () => {
    const { store, client, used } = await setUp({ pods: '9', 'count/replicasets.apps': '9' });
    const selector = { matchLabels: { a: 'b' } };
    const owner = await client.create(ReplicaSet, { metadata: at('owner'), spec: { selector } });
    const { name, uid } = owner.metadata;
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid }];
    for (const each of ['a', 'b']) {
      await client.create(Pod, { ...pod(each), metadata: { ...at(each), ownerReferences } });
    }
    await client.create(Pod, pod('c'));
    await client.delete(ReplicaSet, at('owner'));
    await store.idle();
    expect(await used()).toEqual({ pods: '1', 'count/replicasets.apps': '0' });
    for (const each of ['d', 'e']) await client.create(Pod, pod(each));
    await client.deleteCollection(Pod, { namespace: 'default' });
    expect(await used()).toEqual({ pods: '0', 'count/replicasets.apps': '0' });
  });

  it('does not keep a namespace from going', async () => {
    const { store, client } = await setUp({});
    await client.create(Namespace, { metadata: { name: 'team' } });
    await client.create(ResourceQuota, {
      metadata: at('q', 'team'),
      spec: { hard: { pods: '2', resourcequotas: '2' } },
    });
    await client.create(Pod, { ...pod('a'), metadata: at('a', 'team') });
    await client.delete(Namespace, { name: 'team' });
    await store.idle();
    await failure(client.get(Namespace, { name: 'team' }), 'NotFound');
  });

  it('is made anew where the status of a quota is not about what it says', () => {
    const store = new FakeStore(Pod, Note, ResourceQuota);
    const hard = { pods: '3', 'count/notes.example.com': '1' };
    for (const status of [
      undefined,
      { hard: { pods: '9' }, used: { pods: '9' } },
      { hard, used: { pods: '1' } },
    ]) {
      store.put(ResourceQuota, {
        metadata: at('q'),
        spec: { hard },
        ...(status === undefined ? {} : { status }),
      });
      store.put(Pod, { metadata: at('a'), spec: { containers: [] } });
      // whether the store shows the new object already makes no difference
      const object = store.put(Pod, { metadata: at('new'), spec: { containers: [] } });
      resourceQuota().accompany?.(requestOf(Pod, { object }), store);
      expect(store.get(ResourceQuota, at('q'))?.status).toEqual({
        hard,
        used: { pods: '2', 'count/notes.example.com': '0' },
      });
    }
  });

  it('counts an object once, in however many versions a store shows it', () => {
    const store = new FakeStore(HorizontalPodAutoscaler, HorizontalPodAutoscalerV1, ResourceQuota);
    const name = 'count/horizontalpodautoscalers.autoscaling';
    store.put(ResourceQuota, { metadata: at('q'), spec: { hard: { [name]: '2' } } });
    store.put(HorizontalPodAutoscaler, { metadata: at('a') });
    const object = stored(HorizontalPodAutoscaler, { metadata: at('b') });
    resourceQuota().accompany?.(requestOf(HorizontalPodAutoscaler, { object }), store);
    expect(store.get(ResourceQuota, at('q'))?.status?.used).toEqual({ [name]: '2' });
    const third = stored(HorizontalPodAutoscalerV1, { metadata: at('c') });
    const request = requestOf(HorizontalPodAutoscalerV1, { object: third }, { store, dryRun: true });
    expect(thrown(() => validate([resourceQuota()], request))).toMatchObject({ reason: 'Forbidden' });
  });
});

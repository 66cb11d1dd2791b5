import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Client } from '../../../src/client/index.js';
import { ApiError, Quantity } from '../../../src/core/index.js';
import { ConfigMap, Pod, ResourceQuota, Service } from '../../../src/resources/kinds/index.js';
import type { New } from '../../../src/resources/index.js';
import type { AdmissionPlugin } from '../../../src/store/admission/admission-plugin.js';
import { resourceQuota } from '../../../src/store/admission/resource-quota.js';
import type { ObjectStore } from '../../../src/store/index.js';
import { at, setUp } from '../kit.js';

// KEELSON_SEED and KEELSON_RUNS look further than this
const SEED = Number(process.env['KEELSON_SEED'] ?? 20_261_121);
const RUNS = Number(process.env['KEELSON_RUNS'] ?? 60);
process.stdout.write(`resource-quota.model.test.ts: KEELSON_SEED=${SEED}\n`);

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const HARD = {
  pods: '3',
  'count/pods': '4',
  'requests.cpu': '4',
  services: '2',
  'services.nodeports': '3',
  configmaps: '2',
};

type Step =
  | {
      readonly do: 'pod';
      readonly name: string;
      readonly cpu: number;
      readonly priority: string;
      readonly held: boolean;
    }
  | { readonly do: 'scale'; readonly name: string; readonly cpu: number }
  | { readonly do: 'phase'; readonly name: string; readonly phase: string }
  | { readonly do: 'service'; readonly name: string; readonly type: string; readonly ports: number }
  | { readonly do: 'config'; readonly name: string; readonly isDryRun: boolean }
  | { readonly do: 'delete'; readonly name: string; readonly kind: number }
  | { readonly do: 'release'; readonly name: string }
  | { readonly do: 'clear'; readonly kind: number }
  | { readonly do: 'hard'; readonly pods: number }
  | { readonly do: 'status' }
  | { readonly do: 'transaction'; readonly names: readonly string[] };

const name = fc.constantFrom(...NAMES);
const kind = fc.nat(2);
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('pod' as const),
        name,
        cpu: fc.nat(3),
        priority: fc.constantFrom('', 'high'),
        held: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('scale' as const), name, cpu: fc.nat(3) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('phase' as const),
        name,
        phase: fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed'),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('service' as const),
        name,
        type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'),
        ports: fc.integer({ min: 1, max: 2 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('config' as const), name, isDryRun: fc.boolean() }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('delete' as const), name, kind }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), name }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), kind }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('hard' as const), pods: fc.nat(4) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('status' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('transaction' as const),
        names: fc.uniqueArray(name, { minLength: 1 }),
      }),
    },
  ),
  { minLength: 10, maxLength: 40 },
);

const KINDS = [Pod, Service, ConfigMap];

function podOf(podName: string, cpu: number, priority = '', held = false): New<typeof Pod> {
  const containers = [{ name: 'main', resources: { requests: { cpu: String(cpu) } } }];
  return {
    metadata: { ...at(podName), ...(held ? { finalizers: ['example.com/hold'] } : undefined) },
    spec: { containers, ...(priority === '' ? undefined : { priorityClassName: priority }) },
  };
}

async function take(store: ObjectStore, client: Client, step: Step): Promise<unknown> {
  switch (step.do) {
    case 'pod':
      return client.create(Pod, podOf(step.name, step.cpu, step.priority, step.held));
    case 'scale': {
      const containers = [{ name: 'main', resources: { requests: { cpu: String(step.cpu) } } }];
      return client.patch(Pod, at(step.name), { type: 'merge', patch: { spec: { containers } } });
    }
    case 'phase': {
      const patch = { status: { phase: step.phase } };
      return client.patch(Pod, at(step.name), { type: 'merge', patch }, { subresource: 'status' });
    }
    case 'service': {
      const ports = Array.from({ length: step.ports }, (_, index) => ({
        name: `p${index}`,
        port: index + 1,
      }));
      return client.apply(
        Service,
        { metadata: at(step.name), spec: { type: step.type, ports } },
        { force: true },
      );
    }
    case 'config':
      return client.create(ConfigMap, { metadata: at(step.name) }, { dryRun: step.isDryRun });
    case 'delete':
      return client.delete(KINDS[step.kind] as typeof Pod, at(step.name));
    case 'release':
      return client.patch(Pod, at(step.name), { type: 'merge', patch: { metadata: { finalizers: null } } });
    case 'clear':
      return client.deleteCollection(KINDS[step.kind] as typeof Pod, { namespace: 'default' });
    case 'hard': {
      const patch = { spec: { hard: { pods: String(step.pods) } } };
      return client.patch(ResourceQuota, at('all'), { type: 'merge', patch });
    }
    case 'status': {
      const patch = { status: { used: { pods: '99' } } };
      return client.patch(ResourceQuota, at('all'), { type: 'merge', patch }, { subresource: 'status' });
    }
    case 'transaction':
      return store.transaction(async (tx) => {
        for (const each of step.names) await tx.create(Pod, podOf(each, 1));
      });
  }
}

/** What the objects of the namespace take, counted by hand. */
async function counted(client: Client): Promise<{ readonly all: object; readonly high: object }> {
  const pods = (await client.list(Pod)).items;
  const alive = pods.filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed');
  const services = (await client.list(Service)).items;
  const cpu = alive.reduce(
    (sum, { spec }) => sum + Number(spec.containers[0]?.resources?.requests?.['cpu']),
    0,
  );
  const nodePorts = services
    .filter(({ spec }) => spec?.type !== 'ClusterIP')
    .reduce((sum, { spec }) => sum + (spec?.ports?.length ?? 0), 0);
  return {
    all: {
      pods: String(alive.length),
      'count/pods': String(pods.length),
      'requests.cpu': String(cpu),
      services: String(services.length),
      'services.nodeports': String(nodePorts),
      configmaps: String((await client.list(ConfigMap)).items.length),
    },
    high: { pods: String(alive.filter(({ spec }) => spec.priorityClassName === 'high').length) },
  };
}

/** Takes random steps, and compares the quotas with a count after each; `overlap` of them at once. */
async function check(
  sequence: readonly Step[],
  plugins: readonly AdmissionPlugin[],
  overlap: number,
): Promise<void> {
  const { store, client } = setUp({ admission: [...plugins, resourceQuota()] }, ...KINDS, ResourceQuota);
  await client.create(ResourceQuota, { metadata: at('all'), spec: { hard: HARD } });
  const high = { hard: { pods: '1' }, scopes: ['PriorityClass'] };
  await client.create(ResourceQuota, { metadata: at('high'), spec: high });
  for (let index = 0; index < sequence.length; index += overlap) {
    const before = (await client.get(ResourceQuota, at('all'))).status?.used ?? {};
    const batch = sequence.slice(index, index + overlap);
    const outcomes = await Promise.allSettled(batch.map((step) => take(store, client, step)));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected' && !(outcome.reason instanceof ApiError)) throw outcome.reason;
      if (outcome.status === 'rejected')
        expect(outcome.reason).not.toMatchObject({ reason: 'InternalError' });
    }
    const expected = await counted(client);
    const quota = await client.get(ResourceQuota, at('all'));
    expect(quota.status).toEqual({ hard: quota.spec?.hard, used: expected.all });
    expect((await client.get(ResourceQuota, at('high'))).status?.used).toEqual(expected.high);
    // nothing but a status, or a lower limit, takes a quota above what it allows
    const mayExceed = batch.some((step) => step.do === 'phase' || step.do === 'hard');
    for (const [resource, limit] of Object.entries(quota.spec?.hard ?? {})) {
      const used = Quantity.parse(quota.status?.used?.[resource] ?? '0');
      const wasAbove = Quantity.parse(before[resource] ?? '0').cmp(Quantity.parse(limit)) > 0;
      if (!mayExceed && !wasAbove) expect(used.cmp(Quantity.parse(limit))).toBeLessThanOrEqual(0);
    }
  }
  await store.close();
}

describe('the quotas of a store', () => {
  it('always say what there is, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(steps, (sequence) => check(sequence, [], 1)),
      { seed: SEED, numRuns: RUNS },
    );
  }, 60_000);

  it('always say what there is, when writes wait and overlap', async () => {
    const slow: AdmissionPlugin = { name: 'slow', validate: async () => Promise.resolve() };
    await fc.assert(
      fc.asyncProperty(steps, (sequence) => check(sequence, [slow], 5)),
      { seed: SEED, numRuns: RUNS },
    );
  }, 60_000);
});

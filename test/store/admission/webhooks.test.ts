import { describe, expect, it } from 'vitest';
import { ApiError, SeededRandom, VirtualClock } from '../../../src/core/index.js';
import {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerV1,
  type MutatingWebhook,
  MutatingWebhookConfiguration,
  Namespace,
  Pod,
  type ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '../../../src/resources/kinds/index.js';
import type { AdmissionPlugin } from '../../../src/store/admission/admission-plugin.js';
import type { AdmissionReview } from '../../../src/store/admission/webhook/admission-review.js';
import { admissionWebhooks } from '../../../src/store/admission/webhooks.js';
import { at, failure, fieldsOf, Note, Region, setUp as setUpStore, Website, website } from '../kit.js';
import { requestOf, stored, thrown, validate } from './kit.js';

/** What a webhook answers, beside what every answer has; a promise that never resolves, or an error, are answers too. */
type Answer = (review: AdmissionReview['request'], signal: AbortSignal) => unknown;

const RULE = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] };

interface Setup extends ReturnType<typeof setUpStore> {
  /** The webhooks that were called, by name, in order. */
  readonly calls: string[];
  readonly reviews: AdmissionReview['request'][];
  readonly warnings: string[];
  /** What the webhooks answer, by name; `true` unless given. */
  readonly answers: Record<string, Answer>;
  /** Registers webhooks in a configuration of the name. */
  readonly mutating: (name: string, ...webhooks: readonly Partial<MutatingWebhook>[]) => Promise<void>;
  readonly validating: (name: string, ...webhooks: readonly Partial<ValidatingWebhook>[]) => Promise<void>;
}

function setUp(...plugins: readonly AdmissionPlugin[]): Setup {
  const calls: string[] = [];
  const reviews: AdmissionReview['request'][] = [];
  const warnings: string[] = [];
  const answers: Record<string, Answer> = {};
  const clock = new VirtualClock();
  const say = (_fields: unknown, message: string): void => void warnings.push(message);
  const [first, second] = admissionWebhooks({
    clock,
    random: new SeededRandom(1),
    logger: { debug: say, info: say, warn: say, error: say },
    call: async ({ url = '' }, review, { signal }) => {
      calls.push(url);
      reviews.push(review.request);
      const answer = await (answers[url] ?? (() => ({})))(review.request, signal);
      if (typeof answer !== 'object' || answer === null) return answer;
      const response = { uid: review.request.uid, allowed: true, ...answer };
      return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
    },
  });
  const kinds = [Pod, MutatingWebhookConfiguration, ValidatingWebhookConfiguration, Namespace];
  const more = [HorizontalPodAutoscaler, HorizontalPodAutoscalerV1];
  const admission = [first as AdmissionPlugin, ...plugins, second as AdmissionPlugin];
  const setup = setUpStore({ admission, clock }, ...kinds, ...more);
  const complete = (webhook: Partial<MutatingWebhook>): MutatingWebhook => ({
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    rules: [RULE],
    name: 'unnamed',
    clientConfig: { url: webhook.name ?? 'unnamed' },
    ...webhook,
  });
  return {
    ...setup,
    clock,
    calls,
    reviews,
    warnings,
    answers,
    mutating: async (name, ...webhooks) => {
      await setup.client.create(MutatingWebhookConfiguration, {
        metadata: { name },
        webhooks: webhooks.map(complete),
      });
    },
    validating: async (name, ...webhooks) => {
      await setup.client.create(ValidatingWebhookConfiguration, {
        metadata: { name },
        webhooks: webhooks.map(complete),
      });
    },
  };
}

/** An answer with a JSON patch. */
function patch(...operations: readonly object[]): object {
  return { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') };
}

function label(name: string, value = 'yes'): object {
  return { op: 'add', path: `/metadata/labels/${name}`, value };
}

const labels = { app: 'a' };
const note = { metadata: { ...at('a'), labels } };

describe('webhooks that change objects', () => {
  it('are asked in the order of their configurations, each about what the one before made', async () => {
    const { client, calls, answers, reviews, mutating } = setUp();
    await mutating('b', { name: 'third' });
    await mutating('a', { name: 'first' }, { name: 'second' });
    answers['first'] = () => patch(label('first'));
    answers['third'] = ({ object }) => {
      const { labels: found } = (object as { metadata: { labels: object } }).metadata;
      return patch(label('saw', Object.keys(found).join('.')));
    };
    const created = await client.create(Note, note);
    expect(calls).toEqual(['first', 'second', 'third']);
    expect(created.metadata.labels).toEqual({ app: 'a', first: 'yes', saw: 'app.first' });
    expect(new Set(reviews.map(({ uid }) => uid)).size).toBe(3);
    expect(await client.get(Note, at('a'))).toBe(created);
  });

  it('come and go at run time', async () => {
    const { client, calls, mutating } = setUp();
    await client.create(Note, note);
    await mutating('a', { name: 'hook' });
    await client.create(Note, { metadata: at('b') });
    await client.patch(
      MutatingWebhookConfiguration,
      { name: 'a' },
      { type: 'merge', patch: { webhooks: [] } },
    );
    await client.create(Note, { metadata: at('c') });
    expect(calls).toEqual(['hook']);
  });

  it('are told what Kubernetes tells them', async () => {
    const { store, reviews, mutating } = setUp();
    await mutating('a', { name: 'hook', rules: [{ ...RULE, resources: ['*/*'] }] });
    const user = { name: 'anna', uid: 'u1', groups: ['devs'], extra: { scopes: ['a'] } };
    const client = store.client({ user });
    const created = await client.create(Website, website('a'));
    const patched = await client.patch(
      Website,
      at('a'),
      { type: 'merge', patch: { status: { phase: 'x' } } },
      { subresource: 'status' },
    );
    await client.update(Website, { ...patched, metadata: { ...patched.metadata, labels } }, { dryRun: true });
    await store.client().delete(Website, at('a'));
    const [create, status, update, remove] = reviews as [
      AdmissionReview['request'],
      AdmissionReview['request'],
      AdmissionReview['request'],
      AdmissionReview['request'],
    ];
    const kind = { group: 'example.com', version: 'v1', kind: 'Website' };
    const resource = { group: 'example.com', version: 'v1', resource: 'websites' };
    expect(create).toEqual({
      uid: expect.any(String) as string,
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      name: 'a',
      namespace: 'default',
      operation: 'CREATE',
      userInfo: { username: 'anna', uid: 'u1', groups: ['devs'], extra: { scopes: ['a'] } },
      object: { ...created, metadata: { ...created.metadata, resourceVersion: '' } },
      oldObject: null,
      dryRun: false,
      options: { apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions' },
    });
    expect(status).toMatchObject({
      operation: 'UPDATE',
      subResource: 'status',
      requestSubResource: 'status',
    });
    expect(status.object).toMatchObject({ status: { phase: 'x' } });
    expect(update).toMatchObject({ dryRun: true, options: { kind: 'UpdateOptions', dryRun: ['All'] } });
    expect(update.oldObject).toMatchObject({ metadata: { name: 'a' } });
    expect(remove).toMatchObject({ operation: 'DELETE', object: null, userInfo: {} });
    expect(remove.oldObject).toMatchObject({ metadata: { name: 'a' } });
  });

  it('are asked again where the object changed after them, if they wish so', async () => {
    const { client, calls, answers, mutating } = setUp();
    await mutating(
      'a',
      { name: 'again', reinvocationPolicy: 'IfNeeded' },
      { name: 'once', reinvocationPolicy: 'Never' },
      { name: 'changes', reinvocationPolicy: 'IfNeeded' },
      { name: 'behind', reinvocationPolicy: 'IfNeeded' },
    );
    answers['changes'] = () => patch(label('changed'));
    await client.create(Note, note);
    expect(calls).toEqual(['again', 'once', 'changes', 'behind', 'again']);
  });

  it('are asked again where another plugin changes the object after them', async () => {
    const tagger: AdmissionPlugin = {
      name: 'tagger',
      handles: ({ resource }) => resource.kind === 'Note',
      mutate: ({ object }) => ({ ...object, tag: 'yes' }),
    };
    const { client, calls, mutating } = setUp(tagger);
    await mutating('a', { name: 'again', reinvocationPolicy: 'IfNeeded' }, { name: 'once' });
    await client.create(Note, note);
    expect(calls).toEqual(['again', 'once', 'again']);
  });

  it('can refuse a delete, and not change it', async () => {
    const { client, answers, mutating } = setUp();
    await client.create(Note, note);
    await mutating('a', { name: 'hook', rules: [{ ...RULE, operations: ['DELETE'] }] });
    answers['hook'] = () => patch(label('x'));
    const error = await failure(client.delete(Note, at('a')), 'InternalError');
    expect(error.message).toContain('admission webhook "hook" attempted to modify the object');
    answers['hook'] = () => ({ allowed: false, status: { reason: 'Forbidden', code: 403 } });
    await failure(client.delete(Note, at('a')), 'Forbidden');
    delete answers['hook'];
    await client.delete(Note, at('a'));
  });

  it.each([
    [
      'a patch that does not apply',
      [{ op: 'remove', path: '/none' }],
      'the patch of webhook "hook" does not apply: ',
    ],
    ['a patch that is none', 'text', 'the patch of webhook "hook" does not apply: '],
    [
      'a patch of what is not theirs',
      [{ op: 'replace', path: '/metadata/uid', value: 'x' }],
      'metadata.uid: expected it to stay',
    ],
  ])('make %s an error', async (_what, operations, message) => {
    const { client, answers, mutating } = setUp();
    await mutating('a', { name: 'hook', failurePolicy: 'Ignore' });
    answers['hook'] = () => ({
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
    });
    const error = await failure(client.create(Note, note), 'InternalError');
    expect(error.message).toContain(message);
  });

  it('change what is then judged again', async () => {
    const { client, answers, mutating } = setUp();
    await mutating('a', { name: 'hook' });
    answers['hook'] = () => patch({ op: 'add', path: '/spec/replicas', value: -1 });
    const error = await failure(client.create(Website, website('a')), 'Invalid');
    expect(fieldsOf(error)).toEqual(['spec.replicas']);
  });
});

describe('webhooks that validate', () => {
  it('are all asked at once, and the first in their order that refuses decides', async () => {
    const { client, calls, answers, validating } = setUp();
    await validating('a', { name: 'slow' }, { name: 'fast' });
    await validating('b', { name: 'fine' });
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    answers['slow'] = async () => {
      await gate;
      return { allowed: false, status: { message: 'slow says no', reason: 'Conflict', code: 409 } };
    };
    answers['fast'] = () => ({ allowed: false, status: { message: 'fast says no' } });
    const creating = client.create(Note, note);
    await client.barrier();
    expect(calls).toEqual(['slow', 'fast', 'fine']);
    release();
    const error = await failure(creating, 'Conflict');
    expect(error.message).toBe('admission webhook "slow" denied the request: slow says no');
    expect(error.code).toBe(409);
    await failure(client.get(Note, at('a')), 'NotFound');
  });

  it.each([
    [{ message: 'no', reason: 'Forbidden', code: 403 }, 'Forbidden', 403, ': no'],
    [{ reason: 'Invalid', code: 422 }, 'Invalid', 422, ': Invalid'],
    [{ code: 200, status: 'Success' }, 'Unknown', 400, ' without explanation'],
    [undefined, 'Unknown', 400, ' without explanation'],
  ] as const)('refuse with the status %j', async (status, reason, code, message) => {
    const { client, answers, validating } = setUp();
    await validating('a', { name: 'hook' });
    answers['hook'] = () => ({ allowed: false, ...(status === undefined ? undefined : { status }) });
    const error = await failure(client.create(Note, note), reason);
    expect([error.code, error.message]).toEqual([
      code,
      `admission webhook "hook" denied the request${message}`,
    ]);
  });

  it('see what those that change objects have made', async () => {
    const { client, answers, mutating, validating } = setUp();
    await validating('a', { name: 'judge' });
    await mutating('z', { name: 'maker' });
    answers['maker'] = () => patch(label('made'));
    answers['judge'] = ({ object }) => {
      const { labels: found } = (object as { metadata: { labels: object } }).metadata;
      return { allowed: 'made' in found };
    };
    await client.create(Note, note);
  });

  it('may not patch', async () => {
    const { client, answers, validating } = setUp();
    await validating('a', { name: 'hook' });
    answers['hook'] = () => patch(label('x'));
    const error = await failure(client.create(Note, note), 'InternalError');
    expect(error.message).toContain('response.patch: expected none of a webhook that validates');
  });
});

describe('the webhooks that are asked', () => {
  const rule = (more: object): { readonly rules: readonly object[] } => ({ rules: [{ ...RULE, ...more }] });

  it.each([
    ['all', {}, ['create', 'status', 'update', 'delete', 'region', 'namespace', 'pod']],
    ['no rules', { rules: [] }, []],
    ['one operation', rule({ operations: ['UPDATE'] }), ['update']],
    [
      'operations',
      rule({ operations: ['CREATE', 'DELETE'] }),
      ['create', 'delete', 'region', 'namespace', 'pod'],
    ],
    ['a group', rule({ apiGroups: ['example.com'] }), ['create', 'update', 'delete', 'region']],
    ['the core group', rule({ apiGroups: [''] }), ['namespace', 'pod']],
    ['another version', rule({ apiVersions: ['v2'] }), []],
    [
      'a resource, without its subresources',
      rule({ resources: ['websites'] }),
      ['create', 'update', 'delete'],
    ],
    ['a subresource', rule({ resources: ['websites/status'] }), ['status']],
    [
      'all subresources',
      rule({ resources: ['*/*'] }),
      ['create', 'status', 'update', 'delete', 'region', 'namespace', 'pod'],
    ],
    ['one subresource of all', rule({ resources: ['*/status'] }), ['status']],
    [
      'all resources without subresources',
      rule({ resources: ['*'] }),
      ['create', 'update', 'delete', 'region', 'namespace', 'pod'],
    ],
    ['namespaced objects', rule({ scope: 'Namespaced' }), ['create', 'update', 'delete', 'pod']],
    ['objects of the cluster', rule({ scope: 'Cluster' }), ['region', 'namespace']],
    [
      'any of several rules',
      {
        rules: [
          { ...RULE, resources: ['pods'] },
          { ...RULE, resources: ['regions'] },
        ],
      },
      ['region', 'pod'],
    ],
    ['a label of the object', { objectSelector: { matchLabels: { app: 'a' } } }, ['update', 'delete']],
    [
      'a label of the namespace',
      { namespaceSelector: { matchLabels: { team: 'x' } } },
      ['region', 'namespace', 'pod'],
    ],
    [
      'the name of the namespace',
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } } },
      ['create', 'update', 'delete', 'region'],
    ],
  ] as [string, Partial<ValidatingWebhook>, string[]][])('by %s', async (what, webhook, expected) => {
    const { client, calls, validating } = setUp();
    const asked = what === 'all' ? { rules: [{ ...RULE, resources: ['*/*'] }] } : webhook;
    await validating('a', { name: 'hook', ...asked });
    const seen: string[] = [];
    const step = async (name: string, work: () => Promise<unknown>): Promise<void> => {
      calls.length = 0;
      await work();
      if (calls.length > 0) seen.push(name);
    };
    await step('create', () => client.create(Website, website('a')));
    const status = { status: { phase: 'x' } };
    await step('status', () =>
      client.patch(Website, at('a'), { type: 'merge', patch: status }, { subresource: 'status' }),
    );
    await step('update', () =>
      client.patch(Website, at('a'), { type: 'merge', patch: { metadata: { labels } } }),
    );
    await step('delete', () => client.delete(Website, at('a')));
    await step('region', () => client.create(Region, { metadata: { name: 'r' } }));
    await step('namespace', () =>
      client.create(Namespace, { metadata: { name: 'n', labels: { team: 'x' } } }),
    );
    const spec = { containers: [{ name: 'c' }] };
    await step('pod', () => client.create(Pod, { metadata: at('p', 'n'), spec }));
    expect(seen).toEqual(expected);
  });

  it('are never asked about configurations of webhooks', async () => {
    const { client, calls, mutating, validating } = setUp();
    await mutating('a', { name: 'hook' });
    await validating('b', { name: 'other' });
    await client.delete(MutatingWebhookConfiguration, { name: 'a' });
    await client.delete(ValidatingWebhookConfiguration, { name: 'b' });
    expect(calls).toEqual([]);
  });

  it('count as unreachable where they want a version that is not written, unless they want it exactly', async () => {
    const { client, calls, validating } = setUp();
    const rules = [{ ...RULE, apiGroups: ['autoscaling'], apiVersions: ['v1'] }];
    await validating('a', { name: 'exact', rules, matchPolicy: 'Exact' });
    await validating('b', { name: 'ignored', rules, failurePolicy: 'Ignore' });
    const spec = { scaleTargetRef: { kind: 'Pod', name: 'a' }, maxReplicas: 1 };
    await client.create(HorizontalPodAutoscaler, { metadata: at('a'), spec });
    await validating('c', { name: 'hook', rules });
    const error = await failure(
      client.create(HorizontalPodAutoscaler, { metadata: at('b'), spec }),
      'InternalError',
    );
    expect(error.message).toContain(
      'failed calling webhook "hook": rules: expected the version that is written',
    );
    // what is written in another version is stored, and judged, in this one
    await failure(client.create(HorizontalPodAutoscalerV1, { metadata: at('c'), spec }), 'InternalError');
    expect(calls).toEqual([]);
  });
});

describe('a webhook that cannot be asked', () => {
  it.each([
    ['fails', () => Promise.reject(new Error('refused')), 'refused'],
    ['answers with nothing', () => undefined, 'the answer: expected an object, got undefined'],
    ['answers about another call', () => ({ uid: 'x' }), 'response.uid: expected "'],
    ['does not decide', () => ({ allowed: 'yes' }), 'response.allowed: expected true or false, got "yes"'],
    [
      'answers with half a patch',
      () => ({ patch: 'W10=' }),
      'response.patch: expected patch and patchType together',
    ],
    [
      'answers with another patch',
      () => ({ patch: 'W10=', patchType: 'Merge' }),
      'response.patchType: expected "JSONPatch"',
    ],
    [
      'answers with what cannot be read',
      () => ({ patch: '?', patchType: 'JSONPatch' }),
      'expected JSON in base64',
    ],
    ['answers with an odd status', () => ({ status: 'no' }), 'response.status: expected an object, got "no"'],
  ] as [string, Answer, string][])(
    'because it %s refuses the write, or lets it pass',
    async (_what, answer, why) => {
      const { client, answers, warnings, mutating } = setUp();
      await mutating('a', { name: 'hook' });
      answers['hook'] = answer;
      const error = await failure(client.create(Note, note), 'InternalError');
      expect(error.message).toContain('failed calling webhook "hook": ');
      expect(error.message).toContain(why);
      expect(warnings).toEqual([]);
      const patched = { webhooks: [{ name: 'hook', failurePolicy: 'Ignore' }] };
      await client.patch(MutatingWebhookConfiguration, { name: 'a' }, { type: 'strategic', patch: patched });
      await client.create(Note, note);
      expect(warnings).toEqual(['a webhook could not be asked, and is ignored']);
    },
  );

  it.each([
    [undefined, 10_000],
    [3, 3_000],
  ])('in time is not waited for: with timeoutSeconds %s', async (timeoutSeconds, milliseconds) => {
    const { client, clock, answers, validating } = setUp();
    await validating('a', {
      name: 'hook',
      ...(timeoutSeconds === undefined ? undefined : { timeoutSeconds }),
    });
    const signals: AbortSignal[] = [];
    answers['hook'] = (_review, signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    };
    const creating = failure(client.create(Note, note), 'InternalError');
    await clock.advance(milliseconds - 1);
    expect(signals[0]?.aborted).toBe(false);
    await clock.advance(1);
    expect((await creating).message).toContain('failed calling webhook "hook": expected an answer within');
    expect(signals[0]?.aborted).toBe(true);
    delete answers['hook'];
    await client.create(Note, note);
    expect(clock.timers).toBe(0);
  });

  it('in a dry run refuses it, if it has side effects', async () => {
    const { client, calls, validating } = setUp();
    await validating('a', { name: 'none' }, { name: 'not-then', sideEffects: 'NoneOnDryRun' });
    await client.create(Note, note, { dryRun: true });
    expect(calls).toEqual(['none', 'not-then']);
    for (const sideEffects of ['Some', 'Unknown']) {
      const name = sideEffects.toLowerCase();
      await validating('b', { name, sideEffects, failurePolicy: 'Ignore' });
      const error = await failure(client.create(Note, note, { dryRun: true }), 'BadRequest');
      expect(error.message).toBe(`admission webhook "${name}" does not support dry run`);
      expect(calls).not.toContain(name);
      await client.delete(ValidatingWebhookConfiguration, { name: 'b' });
    }
  });

  it('because it wants what is not there says so', async () => {
    const { client, validating } = setUp();
    await validating('a', { name: 'hook', admissionReviewVersions: ['v1beta1'] });
    const old = await failure(client.create(Note, note), 'InternalError');
    expect(old.message).toContain('admissionReviewVersions: expected "v1" among them, got "v1beta1"');
    await client.delete(ValidatingWebhookConfiguration, { name: 'a' });
    await validating('b', { name: 'hook', matchConditions: [{ name: 'x', expression: 'true' }] });
    const conditions = await failure(client.create(Note, note), 'InternalError');
    expect(conditions.message).toContain('matchConditions: expected none');
  });

  it('says its warnings to the logger', async () => {
    const { client, answers, warnings, validating } = setUp();
    await validating('a', { name: 'hook' });
    answers['hook'] = () => ({ warnings: ['old', 'odd'] });
    await client.create(Note, note);
    expect(warnings).toEqual(['a webhook warns', 'a webhook warns']);
  });
});

describe('a configuration of webhooks', () => {
  it('is checked when it is written', async () => {
    const { client } = setUp();
    const webhook = {
      name: 'hook',
      admissionReviewVersions: ['v1'],
      sideEffects: 'Many',
      clientConfig: { url: 'u', service: { name: 's', namespace: 'n' } },
      failurePolicy: 'Maybe',
      matchPolicy: 'Near',
      timeoutSeconds: 31,
      objectSelector: { matchExpressions: [{ key: 'a', operator: 'Near' }] },
    };
    const fields = [
      'failurePolicy',
      'matchPolicy',
      'sideEffects',
      'clientConfig',
      'timeoutSeconds',
      'objectSelector',
    ];
    const metadata = { name: 'a' };
    for (const kind of [MutatingWebhookConfiguration, ValidatingWebhookConfiguration]) {
      const creating = client.create(kind as typeof MutatingWebhookConfiguration, {
        metadata,
        webhooks: [webhook],
      });
      const error = await failure(creating, 'Invalid');
      expect(fieldsOf(error)).toEqual(fields.map((field) => `webhooks[0].${field}`));
    }
  });

  it('that was stored before can be labelled, but not be changed for another wrong one', () => {
    const webhooks = [{ name: 'hook', clientConfig: { url: 'u' }, failurePolicy: 'Maybe' }];
    const oldObject = stored(ValidatingWebhookConfiguration, { metadata: { name: 'a' }, webhooks });
    const [, plugin] = admissionWebhooks({ call: async () => Promise.reject(new Error('never')) });
    const update = (more: object): void => {
      const object = stored(ValidatingWebhookConfiguration, {
        metadata: { name: 'a', labels },
        webhooks,
        ...more,
      });
      void validate(
        [plugin as AdmissionPlugin],
        requestOf(ValidatingWebhookConfiguration, { object, oldObject }),
      );
    };
    update({});
    expect(thrown(() => update({ webhooks: [...webhooks, ...webhooks] }))).toMatchObject({
      reason: 'Invalid',
    });
  });

  it('that was stored before, and cannot be read, is named', () => {
    const store = { resources: [Note], get: () => undefined, list: (): unknown => [broken] };
    const broken = {
      metadata: { name: 'conf' },
      webhooks: [
        { name: 'hook', rules: [RULE], objectSelector: { matchExpressions: [{ key: 'a', operator: '?' }] } },
      ],
    };
    const [, second] = admissionWebhooks({ call: async () => Promise.reject(new Error('never')) });
    const request = { resource: Note, store } as unknown as Parameters<
      NonNullable<AdmissionPlugin['validate']>
    >[0];
    expect(() => second?.validate?.(request)).toThrow(ApiError);
    expect(() => second?.validate?.(request)).toThrow('webhook "hook" of "conf": objectSelector: ');
  });
});

describe('a store without configurations of webhooks', () => {
  it('calls nobody, and does not wait', async () => {
    const admission = admissionWebhooks({ call: async () => Promise.reject(new Error('never')) });
    const { client } = setUpStore({ admission });
    await client.create(Note, note);
  });
});

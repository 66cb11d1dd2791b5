import { ApiError, ObjectStore, VirtualClock } from 'keelson';
import { builtinKinds, builtinScheme, ConfigMap, Deployment, Namespace } from 'keelson/kinds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyManifests, type ManifestFile } from '../../../examples/shop/apply-manifests.js';

const NAMESPACE = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n';
const CONFIG =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: config, namespace: shop }\ndata: { a: "1", b: "2" }\n';

function deployment(spec: string): string {
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web, namespace: shop }\nspec: ${spec}\n`;
}

const TEMPLATE = 'template: { spec: { containers: [{ name: web, image: "web:1" }] } }';
const SELECTOR = 'selector: { matchLabels: { app: web } }';

let store: ObjectStore;
beforeEach(() => {
  store = new ObjectStore({ resources: builtinKinds, clock: new VirtualClock() });
});
afterEach(() => store.close());

async function apply(...texts: readonly string[]): Promise<readonly string[]> {
  const files: readonly ManifestFile[] = texts.map((text, index) => ({ name: `${index + 1}.yaml`, text }));
  const applied = await applyManifests(store.client(), builtinScheme, files);
  return applied.map(({ resource, key, outcome }) => `${resource.kind} ${key.name} ${outcome}`);
}

async function failure(...texts: readonly string[]): Promise<ApiError> {
  const revision = await store.client().barrier();
  const error: unknown = await apply(...texts).catch((reason: unknown) => reason);
  if (!(error instanceof ApiError)) throw new Error(`expected an ApiError, got ${String(error)}`);
  expect(await store.client().barrier(), 'nothing may be stored').toBe(revision);
  return error;
}

function fieldsOf(error: ApiError): readonly (string | undefined)[] {
  return (error.details.causes ?? []).map(({ field }) => field);
}

describe('applyManifests', () => {
  it('creates what is missing, namespaces first, wherever they stand', async () => {
    expect(await apply(`${CONFIG}---\n${NAMESPACE}`)).toEqual([
      'Namespace shop created',
      'ConfigMap config created',
    ]);
    const config = await store.client().get(ConfigMap, { namespace: 'shop', name: 'config' });
    expect(config.data).toEqual({ a: '1', b: '2' });
  });

  it('patches what is there, and leaves alone what is as it should be', async () => {
    await apply(NAMESPACE, CONFIG);
    const changed = CONFIG.replace('b: "2"', 'c: "3"');
    expect(await apply(NAMESPACE, changed)).toEqual([
      'Namespace shop unchanged',
      'ConfigMap config configured',
    ]);
    const config = await store.client().get(ConfigMap, { namespace: 'shop', name: 'config' });
    expect(config.data).toEqual({ a: '1', b: '2', c: '3' });
  });

  it('tells of each object as it is stored', async () => {
    const told: string[] = [];
    await applyManifests(
      store.client(),
      builtinScheme,
      [{ name: 'a.yaml', text: NAMESPACE }],
      ({ key, outcome }) => told.push(`${key.name} ${outcome}`),
    );
    expect(told).toEqual(['shop created']);
  });

  it('takes files with comments, empty documents, or nothing at all', async () => {
    expect(await apply('', '# nothing\n', `---\n---\n# the namespace\n${NAMESPACE}---\n`)).toEqual([
      'Namespace shop created',
    ]);
  });

  it('refuses text that is no YAML, and says where', async () => {
    const error = await failure(NAMESPACE, `${CONFIG}---\nkind: [Service\nmetadata: {`);
    expect(error.reason).toBe('BadRequest');
    expect(error.message).toMatch(/^2\.yaml: document 2: .* at line \d+, column \d+$/);
  });

  it('refuses a key that stands twice', async () => {
    const error = await failure('kind: Service\nkind: ConfigMap\n');
    expect(error.message).toMatch(/^1\.yaml: document 1: Map keys must be unique at line 2/);
  });

  it('refuses a document that makes too much of its aliases', async () => {
    const levels = [
      'a: &a [x, x, x, x, x, x, x, x, x, x]',
      'b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]',
      'c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]',
    ];
    const error = await failure(`${levels.join('\n')}\nd: [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n`);
    expect(error.message).toMatch(/^1\.yaml: document 1: .*alias/);
  });

  it.each([
    ['just text', '', 'expected an object, got "just text"'],
    ['- a\n- b\n', '', 'expected an object, got an array of 2'],
    ['apiVersion: v1\nkind: ConfigMap\n', 'metadata', 'expected an object, got undefined'],
    ['kind: ConfigMap\nmetadata: { name: a }\n', 'apiVersion', 'expected a text, got nothing'],
    ['apiVersion: v1\nmetadata: { name: a }\n', 'kind', 'expected a text, got nothing'],
    [
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { generateName: a- }\n',
      'metadata.name',
      'expected a text, got nothing',
    ],
    ['apiVersion: v1\nkind: ConfigMap\nmetadata: { name: 12 }\n', 'metadata.name', 'expected a text, got 12'],
    [
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: [] }\n',
      'metadata.namespace',
      'expected a text, got []',
    ],
    [
      'apiVersion: v1\nkind: Widget\nmetadata: { name: a }\n',
      'kind',
      'expected a kind that is known, got "Widget" in "v1"',
    ],
    [
      'apiVersion: v9\nkind: Pod\nmetadata: { name: a }\n',
      'kind',
      'expected a kind that is known, got "Pod" in "v9"',
    ],
  ])('refuses %j, naming file, document and field', async (document, field, message) => {
    const error = await failure(NAMESPACE, `${CONFIG}---\n${document}`);
    expect(error.reason).toBe('BadRequest');
    expect(error.message).toBe(`2.yaml: document 2: ${field === '' ? '' : `${field}: `}${message}`);
    expect(fieldsOf(error)).toEqual([field === '' ? undefined : field]);
  });

  it.each([
    ['wrong types', deployment(`{ replicas: "3", ${SELECTOR}, ${TEMPLATE} }`), 'spec.replicas'],
    ['negative replicas', deployment(`{ replicas: -1, ${SELECTOR}, ${TEMPLATE} }`), 'spec.replicas'],
    ['missing required fields', deployment(`{ replicas: 1, ${TEMPLATE} }`), 'spec.selector'],
    ['an unknown field', deployment(`{ replica: 1, ${SELECTOR}, ${TEMPLATE} }`), 'spec.replica'],
    ['a name that is none', CONFIG.replace('name: config', 'name: Config_1'), 'metadata.name'],
  ])('refuses %s as Invalid, naming file, document, object and field', async (_what, document, field) => {
    const error = await failure(`${NAMESPACE}---\n${document}`);
    expect(error.reason).toBe('Invalid');
    expect(error.message).toMatch(
      /^1\.yaml: document 2 \((Deployment shop\/web|ConfigMap shop\/Config_1)\): /,
    );
    expect(fieldsOf(error)).toContain(field);
  });

  it('refuses a change that would make an object Invalid, and changes nothing', async () => {
    await apply(NAMESPACE, deployment(`{ replicas: 1, ${SELECTOR}, ${TEMPLATE} }`));
    const error = await failure(CONFIG, deployment('{ replicas: -1 }'));
    expect(error.message).toMatch(/^2\.yaml: document 1 \(Deployment shop\/web\): .*spec\.replicas/);
    expect((await store.client().list(ConfigMap, { namespace: 'shop' })).items).toEqual([]);
    const web = await store.client().get(Deployment, { namespace: 'shop', name: 'web' });
    expect(web.spec.replicas).toBe(1);
  });

  it('refuses an object in a namespace that nobody makes', async () => {
    const error = await failure(CONFIG);
    expect(error.reason).toBe('NotFound');
    expect(error.message).toBe('1.yaml: document 1 (ConfigMap shop/config): namespaces "shop" not found');
  });

  it('refuses a namespaced kind without a namespace', async () => {
    const error = await failure(CONFIG.replace(', namespace: shop', ''));
    expect(error.reason).toBe('BadRequest');
    expect(fieldsOf(error)).toEqual(['metadata.namespace']);
  });

  it('refuses two documents about one object', async () => {
    const error = await failure(NAMESPACE, CONFIG, CONFIG);
    expect(error.message).toBe(
      '3.yaml: document 1 (ConfigMap shop/config): metadata.name: expected one document an object, but ' +
        '2.yaml: document 1 (ConfigMap shop/config) has it too',
    );
  });

  it('takes hostile keys for the data that they are', async () => {
    await apply(NAMESPACE, CONFIG.replace('a: "1"', '"__proto__": p, constructor: c'));
    const { data = {} } = await store.client().get(ConfigMap, { namespace: 'shop', name: 'config' });
    expect(new Map(Object.entries(data))).toEqual(
      new Map([
        ['__proto__', 'p'],
        ['b', '2'],
        ['constructor', 'c'],
      ]),
    );
    expect((await store.client().list(Namespace)).items.map(({ metadata }) => metadata.name)).toContain(
      'shop',
    );
  });
});

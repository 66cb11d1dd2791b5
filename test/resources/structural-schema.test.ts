import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FieldError, type JsonObject, Quantity } from '../../src/core/index.js';
import type { FieldSchema, MergeSchema } from '../../src/patch/index.js';
import {
  builtinKinds,
  builtinScheme,
  ConfigMap,
  CronJob,
  Deployment,
  Lease,
  Pod,
  Secret,
  Service,
  StatefulSet,
} from '../../src/resources/kinds/index.js';
import type { AnyResource, ObjectSchema } from '../../src/resources/index.js';
import { structuralSchema } from '../../src/resources/structural-schema.js';

function judgeOf(resource: AnyResource): ObjectSchema {
  if (resource.schema === undefined) throw new Error(`${resource.kind} has no schema`);
  return resource.schema;
}

function errorsOf(schema: ObjectSchema, object: unknown): string[] {
  return schema.judge(object as JsonObject).errors.map(String);
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}

const deployment: JsonObject = frozen({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a', namespace: 'default' },
  spec: {
    replicas: 2,
    paused: false,
    selector: {
      matchLabels: { app: 'a' },
      matchExpressions: [{ key: 'tier', operator: 'In', values: ['web'] }],
    },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
    template: {
      metadata: { labels: { app: 'a' }, creationTimestamp: '2026-01-02T03:04:05Z' },
      spec: {
        nodeSelector: { disk: 'ssd' },
        securityContext: { supplementalGroups: [1, 2], runAsNonRoot: true },
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' },
          { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' },
        ],
        volumes: [
          { name: 'v', emptyDir: { sizeLimit: '1Gi' } },
          { name: 'w', secret: { secretName: 's' } },
        ],
        containers: [
          {
            name: 'a',
            image: 'nginx',
            command: ['run', 'it'],
            ports: [
              { containerPort: 53, protocol: 'TCP' },
              { containerPort: 53, protocol: 'UDP' },
            ],
            env: [
              { name: 'A', value: '1' },
              { name: 'A', value: '2' },
            ],
            resources: { limits: { cpu: 2, memory: '512Mi' }, requests: { cpu: '100m' } },
            volumeMounts: [{ name: 'v', mountPath: '/v' }],
          },
          { name: 'b', image: 'side' },
        ],
      },
    },
  },
  status: {
    observedGeneration: 1,
    conditions: [{ type: 'Available', status: 'True', lastUpdateTime: '2026-01-02T03:04:05+01:00' }],
  },
});

describe('structuralSchema', () => {
  const judge = judgeOf(Deployment);

  it('gives a valid object back, the very same', () => {
    const judged = judge.judge(deployment);
    expect(judged.errors).toEqual([]);
    expect(judged.object).toBe(deployment);
  });

  it('leaves apiVersion, kind and metadata to others', () => {
    expect(errorsOf(judge, { ...deployment, apiVersion: 1, kind: null, metadata: 'none' })).toEqual([]);
  });

  it.each([
    [
      'a string',
      'spec.template.spec.containers[0].image',
      { spec: podTemplate({ name: 'a', image: 1 }) },
      'a number',
    ],
    [
      'a string',
      'spec.selector.matchLabels[a.b/c]',
      { spec: { selector: { matchLabels: { 'a.b/c': [] } } } },
      'an array',
    ],
    ['an integer', 'spec.replicas', { spec: { replicas: '3' } }, 'a string'],
    ['an integer', 'spec.replicas', { spec: { replicas: 1.5 } }, 'a number'],
    ['an integer', 'spec.replicas', { spec: { replicas: 2 ** 53 } }, 'a number'],
    ['a boolean', 'spec.paused', { spec: { paused: 'no' } }, 'a string'],
    ['an object', 'spec', { spec: [] }, 'an array'],
    ['an object', 'spec.selector.matchLabels', { spec: { selector: { matchLabels: 'app=a' } } }, 'a string'],
    [
      'an array',
      'spec.template.spec.containers',
      { spec: { template: { spec: { containers: {} } } } },
      'an object',
    ],
    [
      'an integer or a string',
      'spec.strategy.rollingUpdate.maxSurge',
      rolling({ maxSurge: true }),
      'a boolean',
    ],
    [
      'an integer or a string',
      'spec.strategy.rollingUpdate.maxSurge',
      rolling({ maxSurge: 0.5 }),
      'a number',
    ],
    [
      'a time',
      'status.conditions[0].lastUpdateTime',
      { status: { conditions: [{ lastUpdateTime: 5 }] } },
      'a number',
    ],
  ])('expects %s at %s', (expected, path, object, got) => {
    const errors = judge.judge(object).errors;
    const error = errors.find((item) => item.field === path);
    expect(error?.type).toBe('FieldValueTypeInvalid');
    expect(error?.detail).toBe(`expected ${expected}, got ${got}`);
  });

  it('names the path, the value, and what was expected', () => {
    const spec = { ...(deployment['spec'] as JsonObject), replicas: '3' };
    expect(errorsOf(judge, { ...deployment, spec })).toEqual([
      'spec.replicas: Invalid value: "3": expected an integer, got a string',
    ]);
  });

  it('refuses integers below the minimum', () => {
    const spec = deployment['spec'] as JsonObject;
    expect(errorsOf(judge, { spec: { ...spec, replicas: -1, minReadySeconds: 0 } })).toEqual([
      'spec.replicas: Invalid value: -1: expected at least 0',
    ]);
    expect(errorsOf(judgeOf(Service), { spec: { ports: [{ port: 0 }] } })).toEqual([
      'spec.ports[0].port: Invalid value: 0: expected at least 1',
    ]);
  });

  it('refuses fields that the kind does not have, at any depth, whatever their name', () => {
    const errors = errorsOf(
      judge,
      JSON.parse(
        '{"extra":1,"spec":{"selector":{},"template":{"spec":{"containers":[{"name":"a","imagee":"x"}]}},"__proto__":{"a":1},"constructor":"c","a.b":null}}',
      ),
    );
    expect(errors).toEqual([
      'extra: Invalid value: 1: unknown field',
      'spec.template.spec.containers[0].imagee: Invalid value: "x": unknown field',
      'spec.__proto__: Invalid value: an object with key a: unknown field',
      'spec.constructor: Invalid value: "c": unknown field',
      'spec[a.b]: Invalid value: null: unknown field',
    ]);
  });

  it('insists on required fields, null counting as none', () => {
    expect(errorsOf(judge, {})).toEqual(['spec: Required value']);
    expect(errorsOf(judge, { spec: null })).toEqual(['spec: Required value']);
    expect(
      errorsOf(judge, { spec: { selector: undefined, template: { spec: { containers: [{}] } } } }),
    ).toEqual(['spec.template.spec.containers[0].name: Required value', 'spec.selector: Required value']);
  });

  it('does not insist on required fields in status', () => {
    const spec = deployment['spec'];
    expect(errorsOf(judge, { spec, status: { conditions: [{ type: 'Available' }] } })).toEqual([]);
    expect(errorsOf(judge, { spec, status: { conditions: [{ type: 1 }] } })).toEqual([
      'status.conditions[0].type: Invalid value: 1: expected a string, got a number',
    ]);
  });

  it('insists on the same type outside status and not inside', () => {
    const requirements = { claims: [{}] };
    const pod = {
      spec: { containers: [{ name: 'a', resources: requirements }] },
      status: { resources: requirements },
    };
    expect(errorsOf(judgeOf(Pod), pod)).toEqual([
      'spec.containers[0].resources.claims[0].name: Required value',
    ]);
  });

  it('drops null and undefined for optional fields, and shares all the rest', () => {
    const spec = deployment['spec'] as JsonObject;
    const template = spec['template'] as JsonObject;
    const metadata = { creationTimestamp: null, labels: { app: 'a' } };
    const given = {
      ...deployment,
      spec: { paused: null, ...spec, replicas: undefined, template: { ...template, metadata } },
      status: null,
    };
    const judged = judge.judge(frozen(given));
    expect(judged.errors).toEqual([]);
    const { status: _, ...rest } = deployment;
    expect(judged.object).toStrictEqual({
      ...rest,
      spec: Object.fromEntries([
        ['paused', false],
        ...Object.entries(spec)
          .filter(([name]) => name !== 'replicas' && name !== 'paused')
          .map(([name, value]) =>
            name === 'template' ? [name, { ...template, metadata: { labels: { app: 'a' } } }] : [name, value],
          ),
      ]),
    });
    const out = judged.object['spec'] as JsonObject;
    expect(out['strategy']).toBe(spec['strategy']);
    expect((out['template'] as JsonObject)['spec']).toBe(template['spec']);
    expect(judged.object['metadata']).toBe(deployment['metadata']);
    expect(judge.judge(judged.object).object).toBe(judged.object);
  });

  it('refuses null in lists and maps', () => {
    expect(errorsOf(judgeOf(ConfigMap), { data: { a: null } })).toEqual([
      'data[a]: Invalid value: null: expected a string, got null',
    ]);
    expect(errorsOf(judgeOf(Pod), { spec: { containers: [null] } })).toEqual([
      'spec.containers[0]: Invalid value: null: expected an object, got null',
    ]);
  });

  it('gives back what it was given where something is wrong', () => {
    const given = { spec: null, status: null };
    expect(judge.judge(given).object).toBe(given);
  });

  it('takes any key of a map, and keeps it when something else is dropped', () => {
    const data = JSON.parse('{"__proto__":"a","constructor":"b","":"c"}') as JsonObject;
    expect(judgeOf(ConfigMap).judge({ data, binaryData: null }).object).toStrictEqual({ data });
    const attributes = JSON.parse(
      '{"spec":{"driver":"d","pool":{"name":"p","generation":1,"resourceSliceCount":1},"devices":[{"name":"a","attributes":{"constructor":{"int":1},"__proto__":{"int":1,"bool":null}}}]}}',
    ) as JsonObject;
    const slice = kindOf('resource.k8s.io/v1 ResourceSlice');
    const judged = judgeOf(slice).judge(attributes);
    expect(judged.errors).toEqual([]);
    expect(JSON.stringify(judged.object)).toContain(
      '"attributes":{"constructor":{"int":1},"__proto__":{"int":1}}',
    );
  });

  it('takes quantities as text or number', () => {
    const limits = (cpu: unknown): unknown => ({
      spec: { containers: [{ name: 'a', resources: { limits: { cpu } } }] },
    });
    for (const cpu of ['100m', '1', '0.5Gi', '1e3', 2, 0.5])
      expect(errorsOf(judgeOf(Pod), limits(cpu))).toEqual([]);
    expect(errorsOf(judgeOf(Pod), limits('1 Gi'))).toEqual([
      'spec.containers[0].resources.limits[cpu]: Invalid value: "1 Gi": expected a quantity such as "100m" or "512Mi"',
    ]);
    expect(errorsOf(judgeOf(Pod), limits({}))).toEqual([
      'spec.containers[0].resources.limits[cpu]: Invalid value: {}: expected a quantity, got an object',
    ]);
  });

  it('takes exactly the texts that are quantities', () => {
    const unit = fc.constantFrom(...'0123456789.numkKMGTPEie-+ '.split(''));
    const text = fc.oneof(
      fc.string({ unit, maxLength: 8 }),
      fc.tuple(fc.nat(), fc.string({ unit, maxLength: 2 })).map(([digits, suffix]) => `${digits}${suffix}`),
    );
    const schema = judgeOf(Pod);
    fc.assert(
      fc.property(text, (cpu) => {
        const pod = { spec: { containers: [{ name: 'a', resources: { limits: { cpu } } }] } };
        expect(schema.judge(pod).errors.length === 0).toBe(Quantity.tryParse(cpu) !== undefined);
      }),
      { seed: 20, numRuns: 2_000 },
    );
  });

  it('takes times of RFC 3339, with and without fractions', () => {
    for (const renewTime of [
      '2026-01-02T03:04:05.000006Z',
      '2026-01-02T03:04:05Z',
      '2026-01-02T03:04:05-07:00',
    ]) {
      expect(errorsOf(judgeOf(Lease), { spec: { renewTime } })).toEqual([]);
    }
    for (const renewTime of ['2026-01-02', 'now', '', '2026-13-02T03:04:05Z']) {
      expect(errorsOf(judgeOf(Lease), { spec: { renewTime } })).toEqual([
        `spec.renewTime: Invalid value: ${JSON.stringify(renewTime)}: expected an RFC 3339 time such as "2026-01-02T03:04:05Z"`,
      ]);
    }
  });

  it('takes the base64 that a decoder of the standard alphabet takes', () => {
    for (const text of ['', 'YQ==', 'YWI=', 'YWJj', 'YWJj\nYWJj\r\n', '+/+/']) {
      expect(errorsOf(judgeOf(Secret), { data: { text } })).toEqual([]);
    }
    for (const text of ['YQ', 'YQ=', 'Y===', '====', 'Y Q=', 'YQ==YQ==', '-_-_', 'YW=j']) {
      expect(errorsOf(judgeOf(Secret), { data: { text } })).toEqual([
        `data[text]: Invalid value: ${JSON.stringify(text)}: expected base64`,
      ]);
    }
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(errorsOf(judgeOf(Secret), { data: { text } })).toEqual([]);
      }),
    );
  });

  it('takes any JSON where the kind does', () => {
    const revision = kindOf('apps/v1 ControllerRevision');
    for (const data of [1, 'a', [null], { a: { b: null } }]) {
      const object = { revision: 1, data };
      expect(judgeOf(revision).judge(object)).toEqual({ object, errors: [] });
    }
  });

  it('judges claims inside a StatefulSet with their metadata', () => {
    const template = (deployment['spec'] as JsonObject)['template'];
    const spec = {
      selector: {},
      template,
      volumeClaimTemplates: [{ metadata: { name: 1 }, status: { phase: 'x' } }],
    };
    expect(errorsOf(judgeOf(StatefulSet), { spec })).toEqual([
      'spec.volumeClaimTemplates[0].metadata.name: Invalid value: 1: expected a string, got a number',
    ]);
  });

  it('stops after 100 errors', () => {
    const data = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, index]));
    expect(judgeOf(ConfigMap).judge({ data }).errors).toHaveLength(100);
    const containers = Array.from({ length: 500 }, () => ({}));
    expect(judgeOf(Pod).judge({ spec: { containers } }).errors).toHaveLength(100);
    const unknown = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, index]));
    expect(judgeOf(ConfigMap).judge(unknown).errors).toHaveLength(100);
    const volumes = Array.from({ length: 500 }, () => ({ name: 'a' }));
    expect(judgeOf(Pod).judge({ spec: { containers: [], volumes } }).errors).toHaveLength(100);
  });
});

describe('equal items', () => {
  const pod = (spec: JsonObject): JsonObject => ({ spec: { containers: [{ name: 'a' }], ...spec } });

  it('are refused in lists of named things', () => {
    const names = [{ name: 'a' }, { name: 'b' }, { name: 'a' }];
    expect(errorsOf(judgeOf(Pod), pod({ containers: names, volumes: names }))).toEqual([
      'spec.containers[2].name: Duplicate value: "a"',
      'spec.volumes[2].name: Duplicate value: "a"',
    ]);
  });

  it.each([2, 7, 8, 9, 30])('are found in a list of %i items', (count) => {
    const volumes = Array.from({ length: count }, (_, index) => ({ name: `v${index}` }));
    expect(errorsOf(judgeOf(Pod), pod({ volumes }))).toEqual([]);
    const twice = [...volumes.slice(0, -1), { name: 'v0' }];
    expect(errorsOf(judgeOf(Pod), pod({ volumes: twice }))).toEqual([
      `spec.volumes[${count - 1}].name: Duplicate value: "v0"`,
    ]);
  });

  it('are refused in lists keyed by a path, a port or a topology', () => {
    const mounts = [
      { name: 'v', mountPath: '/a' },
      { name: 'w', mountPath: '/a' },
    ];
    expect(errorsOf(judgeOf(Pod), pod({ containers: [{ name: 'a', volumeMounts: mounts }] }))).toEqual([
      'spec.containers[0].volumeMounts[1].mountPath: Duplicate value: "/a"',
    ]);
    const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };
    const errors = judgeOf(Pod).judge(
      pod({ topologySpreadConstraints: [spread, { ...spread, maxSkew: 2 }] }),
    ).errors;
    expect(errors.map((error) => [error.type, error.field])).toEqual([
      ['FieldValueDuplicate', 'spec.topologySpreadConstraints[1]'],
    ]);
  });

  it('are told apart by the default where a key is absent', () => {
    const ports = (...list: unknown[]): unknown => ({ spec: { ports: list } });
    expect(errorsOf(judgeOf(Service), ports({ port: 53 }, { port: 53, protocol: 'UDP' }))).toEqual([]);
    const errors = judgeOf(Service).judge(
      ports({ port: 53 }, { port: 53, protocol: 'TCP' }) as JsonObject,
    ).errors;
    expect(errors.map((error) => [error.type, error.field])).toEqual([
      ['FieldValueDuplicate', 'spec.ports[1]'],
    ]);
  });

  it('are refused in sets', () => {
    const slice = kindOf('discovery.k8s.io/v1 EndpointSlice');
    const object = { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1', '10.0.0.2', '10.0.0.1'] }] };
    expect(errorsOf(judgeOf(slice), object)).toEqual([
      'endpoints[0].addresses[2]: Duplicate value: "10.0.0.1"',
    ]);
  });

  it('are fine where Kubernetes takes them', () => {
    const twice = (item: JsonObject): readonly JsonObject[] => [item, item];
    const container = {
      name: 'a',
      env: twice({ name: 'A' }),
      ports: twice({ containerPort: 80 }),
      resources: {
        claims: [
          { name: 'c', request: 'x' },
          { name: 'c', request: 'y' },
        ],
      },
    };
    const spec = {
      containers: [container],
      imagePullSecrets: twice({ name: 's' }),
      hostAliases: twice({ ip: '::1' }),
    };
    expect(errorsOf(judgeOf(Pod), { spec })).toEqual([]);
    const node = kindOf('v1 Node');
    const addresses = [
      { type: 'InternalIP', address: '10.0.0.1' },
      { type: 'InternalIP', address: '::1' },
    ];
    expect(errorsOf(judgeOf(node), { status: { addresses } })).toEqual([]);
  });

  it('without a key are reported as missing it, not as equal', () => {
    expect(errorsOf(judgeOf(Pod), { spec: { containers: [{}, {}] } })).toEqual([
      'spec.containers[0].name: Required value',
      'spec.containers[1].name: Required value',
    ]);
  });
});

describe('an open schema', () => {
  const open: MergeSchema = { fields: { size: { type: 'integer' } }, open: true };
  const judge = structuralSchema({ fields: { spec: { type: open, required: true } }, open: true });

  it('takes other fields with any JSON, and judges those that it has', () => {
    const object = frozen({ spec: { size: 1, other: [{ a: null }], nothing: null }, more: { b: 1 } });
    expect(judge.judge(object)).toEqual({ object, errors: [] });
    expect(judge.judge(object).object).toBe(object);
    expect(judge.judge(object, 'spec').object).toBe(object);
    expect(errorsOf(judge, JSON.parse('{"spec":{"size":"x","__proto__":1}}'))).toEqual([
      'spec.size: Invalid value: "x": expected an integer, got a string',
    ]);
    expect(errorsOf(judge, { more: 1 })).toEqual(['spec: Required value']);
  });

  it('leaves the others closed', () => {
    const closed = structuralSchema({ fields: { spec: { type: open } } });
    expect(errorsOf(closed, { spec: { other: 1 }, more: 1 })).toEqual([
      'more: Invalid value: 1: unknown field',
    ]);
  });
});

describe('a schema that refers to itself', () => {
  it('is followed as deep as the object goes', () => {
    const tree: MergeSchema = {
      fields: {
        name: { type: 'string', required: true },
        get children(): FieldSchema {
          return { type: tree, list: true };
        },
      },
    };
    const judge = structuralSchema({ fields: { spec: { type: tree } } });
    expect(
      errorsOf(judge, { spec: { name: 'a', children: [{ name: 'b', children: [{ name: 'c' }] }] } }),
    ).toEqual([]);
    expect(errorsOf(judge, { spec: { name: 'a', children: [{ name: 'b', children: [{}] }] } })).toEqual([
      'spec.children[0].children[0].name: Required value',
    ]);
  });
});

describe('for objects at random', () => {
  it('every valid object of every kind comes back as it was given', () => {
    const cases = anyKind.chain((name) => fc.tuple(fc.constant(name), validObject(kindOf(name))));
    fc.assert(
      fc.property(cases, ([name, object]) => {
        const kind = kindOf(name);
        const judged = judgeOf(kind).judge(frozen(object));
        expect(judged.errors.map(String)).toEqual([]);
        expect(judged.object).toBe(object);
      }),
      { numRuns: 300 },
    );
  });

  it('nulls in place of optional fields are dropped, and a second judgement changes nothing', () => {
    const cases = anyKind.chain((name) => fc.tuple(fc.constant(name), validObject(kindOf(name)), fc.nat()));
    fc.assert(
      fc.property(cases, ([name, object, seed]) => {
        const kind = kindOf(name);
        const holes = withNulls(object, schemaOf(kind), pickFrom(seed));
        const judged = judgeOf(kind).judge(frozen(holes));
        expect(judged.errors.map(String)).toEqual([]);
        expect(judged.object).toStrictEqual(object);
        expect(judgeOf(kind).judge(judged.object)).toEqual({ object: judged.object, errors: [] });
        expect(judgeOf(kind).judge(judged.object).object).toBe(judged.object);
      }),
      { numRuns: 300 },
    );
  });

  it('anything at all is judged without throwing, and the verdict on it is the same twice', () => {
    fc.assert(
      fc.property(anyKind, fc.dictionary(anyField, fc.jsonValue()), (name, object) => {
        const judge = judgeOf(kindOf(name));
        const first = judge.judge(object);
        const second = judge.judge(first.object);
        expect(second.errors.map(String)).toEqual(first.errors.map(String));
        expect(second.object).toBe(first.object);
      }),
    );
  });

  it('a corrupted Deployment or CronJob is refused at the very path of the corruption', () => {
    const cron: JsonObject = frozen({
      spec: {
        schedule: '* * * * *',
        jobTemplate: { spec: { completions: 1, template: (deployment['spec'] as JsonObject)['template'] } },
      },
    });
    for (const [kind, object] of [
      [Deployment, deployment],
      [CronJob, cron],
    ] as const) {
      const corruptions = corruptionsOf(object, schemaOf(kind));
      expect(corruptions.length).toBeGreaterThan(80);
      fc.assert(
        fc.property(fc.constantFrom(...corruptions), ({ path, steps, value }) => {
          const errors = judgeOf(kind).judge(replace(object, steps, value) as JsonObject).errors;
          expect(errors.map((error: FieldError) => error.field)).toEqual([path]);
        }),
        { numRuns: 400 },
      );
    }
  });
});

const anyKind = fc.constantFrom(...builtinKinds.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`));

const anyField = fc.oneof(fc.string(), fc.constantFrom('spec', 'status', 'data', 'metadata', '__proto__'));

function kindOf(name: string): AnyResource {
  const [apiVersion = '', kind = ''] = name.split(' ');
  return builtinScheme.lookup({ apiVersion, kind });
}

function podTemplate(container: JsonObject): JsonObject {
  return { selector: {}, template: { spec: { containers: [container] } } };
}

function rolling(rollingUpdate: JsonObject): JsonObject {
  return { spec: { strategy: { rollingUpdate } } };
}

function schemaOf(kind: AnyResource): MergeSchema {
  if (kind.mergeSchema === undefined) throw new Error(`${kind.kind} has no merge schema`);
  return kind.mergeSchema;
}

const SCALARS: { readonly [type: string]: fc.Arbitrary<unknown> } = {
  string: fc.string(),
  integer: fc.maxSafeInteger(),
  number: fc.double({ noNaN: true, noDefaultInfinity: true }),
  boolean: fc.boolean(),
  quantity: fc.oneof(fc.constantFrom('1', '100m', '0.5Gi', '1e3'), fc.nat()),
  time: fc.constantFrom('2026-01-02T03:04:05Z', '1999-12-31T23:59:59+02:00'),
  microTime: fc.constantFrom('2026-01-02T03:04:05.000006Z'),
  bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')),
  intOrString: fc.oneof(fc.string(), fc.integer()),
  any: fc.jsonValue().filter((value) => value !== null),
};

/** A valid object: lists that could hold equal items have one at most. */
function validObject(kind: AnyResource): fc.Arbitrary<JsonObject> {
  return validFields(schemaOf(kind), 4, ['apiVersion', 'kind', 'metadata']);
}

function validFields(
  schema: MergeSchema,
  depth: number,
  without: readonly string[] = [],
): fc.Arbitrary<JsonObject> {
  const all = Object.keys(schema.fields).filter((name) => !without.includes(name));
  const required = all.filter((name) => schema.fields[name]?.required === true);
  const optional = depth > 0 ? all.filter((name) => !required.includes(name)) : [];
  return fc.subarray(optional, { maxLength: Math.min(3, optional.length) }).chain((some) => {
    const names = all.filter((name) => required.includes(name) || some.includes(name));
    const field = (name: string): fc.Arbitrary<unknown> =>
      validField(schema.fields[name] as FieldSchema, depth - 1);
    return fc.record(Object.fromEntries(names.map((name) => [name, field(name)])), { noNullPrototype: true });
  });
}

function validField(field: FieldSchema, depth: number): fc.Arbitrary<unknown> {
  const one = validValue(field, depth);
  if (field.list) return fc.array(one, { maxLength: field.listType === 'atomic' ? 2 : 1 });
  if (field.map) return fc.dictionary(fc.string(), one, { maxKeys: 2, noNullPrototype: true });
  return one;
}

function validValue(field: FieldSchema, depth: number): fc.Arbitrary<unknown> {
  if (typeof field.type !== 'string') return validFields(field.type, depth);
  if (field.minimum !== undefined) return fc.integer({ min: field.minimum });
  return SCALARS[field.type] as fc.Arbitrary<unknown>;
}

/** A source of choices that a seed determines. */
function pickFrom(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state;
  };
}

/** The object with null or undefined for some of its absent optional fields. */
function withNulls(object: JsonObject, schema: MergeSchema, pick: () => number, root = true): JsonObject {
  const result: [string, unknown][] = [];
  for (const [name, field] of Object.entries(schema.fields)) {
    if (root && ['apiVersion', 'kind', 'metadata'].includes(name)) continue;
    if (!Object.hasOwn(object, name)) {
      if (field.required !== true && pick() % 4 === 0)
        result.push([name, pick() % 2 === 0 ? null : undefined]);
      continue;
    }
    const inside = (value: unknown): unknown =>
      typeof field.type === 'string' ? value : withNulls(value as JsonObject, field.type, pick, false);
    const value = object[name];
    if (field.list) result.push([name, (value as readonly unknown[]).map(inside)]);
    else if (field.map) {
      const entries = Object.entries(value as JsonObject).map(([key, item]) => [key, inside(item)]);
      result.push([name, Object.fromEntries(entries)]);
    } else result.push([name, inside(value)]);
  }
  return Object.fromEntries(result);
}

type Steps = readonly (string | number)[];

interface Corruption {
  /** The path that an error must name. */
  readonly path: string;
  readonly steps: Steps;
  readonly value: unknown;
}

/** A value of no type, for whatever the schema has. */
const WRONG: { readonly [type: string]: unknown } = {
  string: 7,
  integer: 'seven',
  boolean: 0,
  quantity: 'many',
  time: 'yesterday',
  intOrString: false,
  bytes: '?',
};

/** Every way to break one place of a valid object: a wrong type, a missing required field, an unknown one. */
function corruptionsOf(object: JsonObject, schema: MergeSchema): Corruption[] {
  const found: Corruption[] = [];
  const fields = (
    value: JsonObject,
    inside: MergeSchema,
    at: string,
    steps: Steps,
    insist: boolean,
  ): void => {
    const dot = at === '' ? '' : `${at}.`;
    found.push({ path: `${dot}unheardOf`, steps: [...steps, 'unheardOf'], value: 1 });
    for (const [name, field] of Object.entries(inside.fields)) {
      if (at === '' && ['apiVersion', 'kind', 'metadata'].includes(name)) continue;
      const path = `${dot}${name}`;
      if (field.required === true && insist) found.push({ path, steps: [...steps, name], value: undefined });
      if (Object.hasOwn(value, name))
        whole(value[name], field, path, [...steps, name], insist && path !== 'status');
    }
  };
  const whole = (value: unknown, field: FieldSchema, path: string, steps: Steps, insist: boolean): void => {
    if (field.list) {
      found.push({ path, steps, value: {} });
      (value as unknown[]).forEach((item, index) =>
        one(item, field, `${path}[${index}]`, [...steps, index], insist),
      );
    } else if (field.map) {
      found.push({ path, steps, value: [] });
      for (const [key, item] of Object.entries(value as JsonObject)) {
        one(item, field, `${path}[${key}]`, [...steps, key], insist);
      }
    } else one(value, field, path, steps, insist);
  };
  const one = (value: unknown, field: FieldSchema, path: string, steps: Steps, insist: boolean): void => {
    if (typeof field.type === 'string') {
      found.push({ path, steps, value: WRONG[field.type] });
    } else {
      found.push({ path, steps, value: 'not an object' });
      fields(value as JsonObject, field.type, path, steps, insist);
    }
    if (field.minimum !== undefined) found.push({ path, steps, value: field.minimum - 1 });
  };
  fields(object, schema, '', [], true);
  return found;
}

/** The object with another value, or none, at one place. */
function replace(value: unknown, steps: Steps, put: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return put;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (index === step ? replace(item, rest, put) : item));
  const copy = { ...(value as JsonObject) } as Record<string, unknown>;
  if (rest.length === 0 && put === undefined) delete copy[step];
  else copy[step] = replace(copy[step], rest, put);
  return copy;
}

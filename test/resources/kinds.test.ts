import { describe, expect, expectTypeOf, it } from 'vitest';
import * as kinds from '../../src/resources/kinds/index.js';
import {
  builtinKinds,
  builtinScheme,
  CertificateSigningRequest,
  ClusterRole,
  type Container,
  ConfigMap,
  CoreEvent,
  type CoreEventSeries,
  type CoreResourceClaim,
  CSINode,
  Deployment,
  Event,
  type EventSeries,
  Eviction,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerV1,
  type HorizontalPodAutoscalerSpecV1,
  Job,
  Lease,
  Namespace,
  Node,
  Pod,
  ReplicationController,
  ResourceClaim,
  Secret,
  Service,
  StatefulSet,
  SubjectAccessReview,
} from '../../src/resources/kinds/index.js';
import type { AnyResource, New, ObjectOf } from '../../src/resources/index.js';
import type { FieldSchema, MergeSchema } from '../../src/patch/index.js';

const SCALARS = [
  'string',
  'integer',
  'number',
  'boolean',
  'quantity',
  'time',
  'microTime',
  'bytes',
  'intOrString',
  'any',
];

function schemaOf(resource: AnyResource): MergeSchema {
  if (resource.mergeSchema === undefined) throw new Error(`${resource.kind} has no merge schema`);
  return resource.mergeSchema;
}

function fieldOf(schema: MergeSchema, ...path: readonly string[]): FieldSchema {
  const [name = '', ...rest] = path;
  const field = schema.fields[name];
  if (field === undefined) throw new Error(`no field ${name}`);
  if (rest.length === 0) return field;
  if (typeof field.type === 'string') throw new Error(`${name} is a leaf`);
  return fieldOf(field.type, ...rest);
}

/** Every schema that can be reached from the kinds. */
function allSchemas(): ReadonlySet<MergeSchema> {
  const found = new Set<MergeSchema>();
  const visit = (schema: MergeSchema): void => {
    if (found.has(schema)) return;
    found.add(schema);
    for (const field of Object.values(schema.fields)) if (typeof field.type !== 'string') visit(field.type);
  };
  for (const resource of builtinKinds) visit(schemaOf(resource));
  return found;
}

describe('builtinKinds', () => {
  it('holds the 66 kinds, each under an apiVersion and kind of its own', () => {
    expect(builtinKinds).toHaveLength(66);
    expect(builtinScheme.resources).toHaveLength(66);
    expect(Object.isFrozen(builtinKinds)).toBe(true);
    for (const resource of builtinKinds) {
      expect(builtinScheme.lookup({ apiVersion: resource.apiVersion, kind: resource.kind })).toBe(resource);
    }
  });

  it('is what the module exports one by one', () => {
    const { builtinKinds: all, builtinScheme: scheme, ...single } = kinds;
    expect(scheme.resources).toEqual(all);
    expect(new Set<AnyResource>(Object.values(single))).toEqual(new Set(all));
  });

  it('exports no schema', () => {
    expect(Object.keys(kinds).filter((name) => name.endsWith('Schema') && name !== 'FlowSchema')).toEqual([]);
  });

  it('gives the plain name to the current API where two kinds share one', () => {
    expect([Event.apiVersion, Event.kind]).toEqual(['events.k8s.io/v1', 'Event']);
    expect([CoreEvent.apiVersion, CoreEvent.kind]).toEqual(['v1', 'Event']);
    expect([HorizontalPodAutoscaler.apiVersion, HorizontalPodAutoscaler.kind]).toEqual([
      'autoscaling/v2',
      'HorizontalPodAutoscaler',
    ]);
    expect([HorizontalPodAutoscalerV1.apiVersion, HorizontalPodAutoscalerV1.kind]).toEqual([
      'autoscaling/v1',
      'HorizontalPodAutoscaler',
    ]);
    expect(builtinScheme.lookup({ group: 'autoscaling', plural: 'horizontalpodautoscalers' })).toBe(
      HorizontalPodAutoscaler,
    );
    expect(ResourceClaim.apiVersion).toBe('resource.k8s.io/v1');
  });

  it('has scopes and plurals as Kubernetes has them', () => {
    expect([Pod.scope, Pod.plural]).toEqual(['Namespaced', 'pods']);
    expect([Node.scope, Node.plural]).toEqual(['Cluster', 'nodes']);
    expect(builtinScheme.lookup({ apiVersion: 'v1', kind: 'Endpoints' }).plural).toBe('endpoints');
    expect(builtinScheme.lookup({ group: 'networking.k8s.io', plural: 'ingresses' }).kind).toBe('Ingress');
  });

  it('knows which kinds have a status, a generation and a scale', () => {
    expect([Deployment.hasStatus, Deployment.hasGeneration]).toEqual([true, true]);
    expect([ConfigMap.hasStatus, ConfigMap.hasGeneration]).toEqual([false, false]);
    expect([Lease.hasStatus, Lease.hasGeneration]).toEqual([false, true]);
    const scaled = builtinKinds
      .filter((resource) => resource.scale !== undefined)
      .map((resource) => resource.kind);
    expect(scaled.toSorted()).toEqual(['Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet']);
    expect(Deployment.scale).toEqual({
      specReplicas: 'spec.replicas',
      statusReplicas: 'status.replicas',
      labelSelector: 'spec.selector',
    });
  });

  it('marks reviews and Eviction as virtual, without status and generation of their own', () => {
    const virtual = builtinKinds.filter((resource) => resource.virtual === true);
    expect(virtual.map((resource) => resource.kind).toSorted()).toEqual([
      'Eviction',
      'LocalSubjectAccessReview',
      'SelfSubjectAccessReview',
      'SelfSubjectReview',
      'SelfSubjectRulesReview',
      'SubjectAccessReview',
      'TokenReview',
    ]);
    expect(virtual.some((resource) => resource.hasStatus || resource.hasGeneration)).toBe(false);
    expect([Eviction.virtual, SubjectAccessReview.virtual, Pod.virtual]).toEqual([true, true, false]);
  });

  it('has the name rules of Kubernetes', () => {
    expect(Namespace.nameRule).toBe('dns1123label');
    expect(Service.nameRule).toBe('dns1035label');
    expect(ClusterRole.nameRule).toBe('path-segment');
    expect(CertificateSigningRequest.nameRule).toBe('path-segment');
    expect(Pod.nameRule).toBe('dns1123subdomain');
  });

  it('insists on a resourceVersion where the strategy of the kind does', () => {
    expect([Lease, CSINode].map((resource: AnyResource) => resource.unconditionalUpdate)).toEqual([
      false,
      false,
    ]);
    expect(builtinKinds.filter((resource) => !resource.unconditionalUpdate)).toHaveLength(16);
    expect(ConfigMap.unconditionalUpdate).toBe(true);
  });

  it('names the fields that selectors may use', () => {
    expect(Pod.selectableFields).toContain('spec.nodeName');
    expect(CoreEvent.selectableFields).toContain('involvedObject.uid');
    expect(Event.selectableFields).toContain('regarding.uid');
    expect(Secret.selectableFields).toEqual(['type']);
    expect(ReplicationController.selectableFields).toEqual(['status.replicas']);
    expect(Job.selectableFields).toEqual([]);
  });
});

describe('the generated schemas', () => {
  it('describe the spec, and the metadata, of every kind that has them', () => {
    for (const resource of builtinKinds) {
      const { fields } = schemaOf(resource);
      expect(Object.keys(fields)).toEqual(expect.arrayContaining(['apiVersion', 'kind', 'metadata']));
      expect(resource.hasStatus).toBe(resource.virtual !== true && Object.hasOwn(fields, 'status'));
    }
  });

  it('name only known scalars, and merge keys that the items have', () => {
    for (const schema of allSchemas()) {
      for (const [name, field] of Object.entries(schema.fields)) {
        if (typeof field.type === 'string') expect(SCALARS, name).toContain(field.type);
        const keys = [
          ...(field.listMapKeys ?? []),
          ...(field.patchMergeKey === undefined ? [] : [field.patchMergeKey]),
        ];
        if (keys.length === 0) continue;
        if (typeof field.type === 'string') throw new Error(`${name}: expected items with keys`);
        expect(Object.keys(field.type.fields), name).toEqual(expect.arrayContaining(keys));
        expect(field.list, name).toBe(true);
      }
    }
  });

  it('require a spec where something in it is required', () => {
    expect(schemaOf(Deployment).fields['spec']?.required).toBe(true);
    expect(schemaOf(Lease).fields['spec']?.required).toBeUndefined();
    expect(schemaOf(Service).fields['spec']?.required).toBeUndefined();
  });

  it('know the moments with microseconds', () => {
    const micro = [...allSchemas()].flatMap((schema) =>
      Object.entries(schema.fields)
        .filter(([, field]) => field.type === 'microTime')
        .map(([name]) => name),
    );
    expect(micro.toSorted()).toEqual([
      'acquireTime',
      'eventTime',
      'eventTime',
      'lastObservedTime',
      'lastObservedTime',
      'renewTime',
    ]);
  });

  it('say how lists merge', () => {
    const containers = fieldOf(schemaOf(Deployment), 'spec', 'template', 'spec', 'containers');
    expect(containers).toMatchObject({
      list: true,
      required: true,
      patchStrategy: ['merge'],
      patchMergeKey: 'name',
      listType: 'map',
      listMapKeys: ['name'],
    });
    const ports = ['spec', 'template', 'spec', 'containers', 'ports'];
    expect(fieldOf(schemaOf(Deployment), ...ports).listMapKeys).toEqual(['containerPort', 'protocol']);
    expect(fieldOf(schemaOf(Deployment), ...ports, 'protocol').default).toBe('TCP');
    expect(fieldOf(schemaOf(Deployment), ...ports, 'containerPort').minimum).toBe(1);
  });
});

describe('the generated types', () => {
  it('are the types of their resources', () => {
    expectTypeOf<ObjectOf<typeof Deployment>>().toEqualTypeOf<Deployment>();
    expectTypeOf<Deployment['kind']>().toEqualTypeOf<'Deployment'>();
    expectTypeOf<Deployment['apiVersion']>().toEqualTypeOf<'apps/v1'>();
    expectTypeOf<Deployment['metadata']['namespace']>().toEqualTypeOf<string>();
    expectTypeOf<Node['metadata']['namespace']>().toEqualTypeOf<undefined>();
    expectTypeOf<Event['series']>().toEqualTypeOf<EventSeries | undefined>();
    expectTypeOf<CoreEvent['series']>().toEqualTypeOf<CoreEventSeries | undefined>();
    expectTypeOf<HorizontalPodAutoscalerV1['spec']>().toEqualTypeOf<HorizontalPodAutoscalerSpecV1>();
    expectTypeOf<CoreResourceClaim>().not.toEqualTypeOf<ResourceClaim>();
    expectTypeOf<Container['image']>().toEqualTypeOf<string | undefined>();
  });

  it('need no system metadata of new objects, nor of objects inside them', () => {
    const deployment: New<typeof Deployment> = {
      metadata: { name: 'a', namespace: 'default' },
      spec: {
        selector: { matchLabels: { app: 'a' } },
        template: {
          metadata: { labels: { app: 'a' } },
          spec: { containers: [{ name: 'a', image: 'nginx', ports: [{ containerPort: 80 }] }] },
        },
      },
    };
    const set: New<typeof StatefulSet> = {
      metadata: { name: 'a' },
      spec: {
        selector: deployment.spec.selector,
        template: deployment.spec.template,
        volumeClaimTemplates: [
          { metadata: { name: 'data' }, spec: { resources: { requests: { storage: '1Gi' } } } },
        ],
      },
    };
    expect(Deployment.schema?.judge({ ...deployment }).errors).toEqual([]);
    expect(StatefulSet.schema?.judge({ ...set }).errors).toEqual([]);
    // @ts-expect-error -- a Deployment has a spec
    const none: New<typeof Deployment> = { metadata: { name: 'a' } };
    expect(Deployment.schema?.judge({ ...none }).errors.map(String)).toEqual(['spec: Required value']);
  });

  it('are read-only however deep', () => {
    const change = (pod: Pod): void => {
      // @ts-expect-error -- read-only
      pod.spec.containers[0].image = 'other';
      // @ts-expect-error -- read-only
      pod.spec.containers.push({ name: 'b' });
    };
    expectTypeOf(change).toBeFunction();
  });
});

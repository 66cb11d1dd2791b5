import { describe, expect, it } from 'vitest';
import type { Client } from '../../../src/client/index.js';
import { ObjectStore } from '../../../src/store/index.js';
import type { AnyResource } from '../../../src/resources/index.js';
import {
  builtinKinds,
  builtinScheme,
  CronJob,
  CSIDriver,
  DaemonSet,
  Deployment,
  HorizontalPodAutoscaler,
  Job,
  LimitRange,
  MutatingWebhookConfiguration,
  Namespace,
  NetworkPolicy,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PriorityClass,
  ReplicationController,
  ResourceClaim,
  RoleBinding,
  Secret,
  Service,
  StatefulSet,
  StorageClass,
} from '../../../src/resources/kinds/index.js';
import type { AdmissionPlugin } from '../../../src/store/admission/admission-plugin.js';
import { builtinDefaults } from '../../../src/store/admission/builtin-defaults.js';
import { CORE_DEFAULTS } from '../../../src/store/admission/defaults/core-defaults.js';
import { OTHER_DEFAULTS } from '../../../src/store/admission/defaults/other-defaults.js';
import { WORKLOAD_DEFAULTS } from '../../../src/store/admission/defaults/workload-defaults.js';
import { at } from '../kit.js';

/** A client of a store with defaults, which checks that what is filled in stays as it is when it is filled in again. */
function setUp(): Client {
  const defaults = builtinDefaults();
  const again: AdmissionPlugin = {
    name: 'again',
    mutate: (request) => {
      if (defaults.handles?.(request) === false) return undefined;
      expect(defaults.mutate?.(request) ?? request.object).toEqual(request.object);
      return undefined;
    },
  };
  return new ObjectStore({ resources: builtinKinds, admission: [defaults, again] }).client();
}

const metadata = at('a');
const containers = [{ name: 'main', image: 'nginx' }];
const POD_SPEC = {
  dnsPolicy: 'ClusterFirst',
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  schedulerName: 'default-scheduler',
  securityContext: {},
};
const CONTAINER = {
  imagePullPolicy: 'Always',
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
};
const template = { metadata: { labels: { app: 'a' } }, spec: { containers } };
const filledTemplate = {
  metadata: { labels: { app: 'a' } },
  spec: { ...POD_SPEC, containers: [{ ...containers[0], ...CONTAINER }] },
};
const selector = { matchLabels: { app: 'a' } };

describe('the defaults of Pods', () => {
  it('are those of Kubernetes', async () => {
    const pod = await setUp().create(Pod, { metadata, spec: { containers } });
    expect(pod.spec).toEqual({
      ...POD_SPEC,
      enableServiceLinks: true,
      containers: [{ ...containers[0], ...CONTAINER }],
    });
  });

  it.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1.27', 'IfNotPresent'],
    ['localhost:5000/nginx', 'Always'],
    ['localhost:5000/nginx:1', 'IfNotPresent'],
    ['nginx@sha256:0000000000000000000000000000000000000000000000000000000000000000', 'IfNotPresent'],
    ['nginx:latest@sha256:0000000000000000000000000000000000000000000000000000000000000000', 'Always'],
    [undefined, 'IfNotPresent'],
  ])('pull the image %s: %s', async (image, policy) => {
    const container = image === undefined ? { name: 'a' } : { name: 'a', image };
    const pod = await setUp().create(Pod, { metadata, spec: { containers: [container] } });
    expect(pod.spec.containers[0]?.imagePullPolicy).toBe(policy);
  });

  it('reach into containers of every kind, their ports, probes, hooks and variables', async () => {
    const pod = await setUp().create(Pod, {
      metadata,
      spec: {
        hostNetwork: true,
        containers: [
          {
            name: 'a',
            image: 'a:1',
            imagePullPolicy: 'Never',
            ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP', hostPort: 5353 }],
            livenessProbe: { httpGet: { port: 80 } },
            readinessProbe: { grpc: { port: 1 }, periodSeconds: 0, timeoutSeconds: 5 },
            lifecycle: { preStop: { httpGet: { port: 80, path: '/bye' } } },
            env: [{ name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
            resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } },
          },
        ],
        initContainers: [{ name: 'i', image: 'i:1', resources: { limits: { cpu: '2' } } }],
      },
    });
    const [container] = pod.spec.containers;
    const times = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
    expect(container).toMatchObject({
      imagePullPolicy: 'Never',
      ports: [
        { containerPort: 80, protocol: 'TCP', hostPort: 80 },
        { containerPort: 53, protocol: 'UDP', hostPort: 5353 },
      ],
      livenessProbe: { httpGet: { port: 80, path: '/', scheme: 'HTTP' }, ...times },
      readinessProbe: { grpc: { port: 1, service: '' }, ...times, timeoutSeconds: 5 },
      lifecycle: { preStop: { httpGet: { port: 80, path: '/bye', scheme: 'HTTP' } } },
      env: [{ valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } }],
      resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m', memory: '1Gi' } },
    });
    expect(container).not.toHaveProperty('startupProbe');
    expect(pod.spec.initContainers?.[0]).toMatchObject({
      terminationMessagePolicy: 'File',
      resources: { requests: { cpu: '2' } },
    });
  });

  it('reach into volumes', async () => {
    const pod = await setUp().create(Pod, {
      metadata,
      spec: {
        containers,
        volumes: [
          { name: 'a' },
          { name: 'b', secret: { secretName: 's' } },
          { name: 'c', configMap: { name: 'c', defaultMode: 0 } },
          { name: 'd', downwardAPI: { items: [{ path: 'x', fieldRef: { fieldPath: 'metadata.name' } }] } },
          { name: 'e', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
          { name: 'f', hostPath: { path: '/' } },
          { name: 'g', ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'] } } } },
        ],
      },
    });
    expect(pod.spec.volumes).toEqual([
      { name: 'a', emptyDir: {} },
      { name: 'b', secret: { secretName: 's', defaultMode: 420 } },
      { name: 'c', configMap: { name: 'c', defaultMode: 0 } },
      {
        name: 'd',
        downwardAPI: {
          defaultMode: 420,
          items: [{ path: 'x', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } }],
        },
      },
      {
        name: 'e',
        projected: {
          defaultMode: 420,
          sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }],
        },
      },
      { name: 'f', hostPath: { path: '/', type: '' } },
      {
        name: 'g',
        ephemeral: {
          volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], volumeMode: 'Filesystem' } },
        },
      },
    ]);
  });
});

describe('the defaults of what runs Pods', () => {
  it('complete a Deployment and its template', async () => {
    const client = setUp();
    const { spec } = await client.create(Deployment, { metadata, spec: { selector, template } });
    expect(spec).toEqual({
      selector,
      replicas: 1,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      template: filledTemplate,
    });
    const recreated = await client.create(Deployment, {
      metadata: at('b'),
      spec: { selector, template, replicas: 0, strategy: { type: 'Recreate' } },
    });
    expect(recreated.spec).toMatchObject({ replicas: 0, strategy: { type: 'Recreate' } });
    expect(recreated.spec.strategy).not.toHaveProperty('rollingUpdate');
  });

  it('complete a DaemonSet, a StatefulSet and a ReplicationController', async () => {
    const client = setUp();
    expect((await client.create(DaemonSet, { metadata, spec: { selector, template } })).spec).toEqual({
      selector,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      revisionHistoryLimit: 10,
      template: filledTemplate,
    });
    expect((await client.create(StatefulSet, { metadata, spec: { selector, template } })).spec).toEqual({
      selector,
      replicas: 1,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      template: filledTemplate,
    });
    const controller = await client.create(ReplicationController, { metadata, spec: { template } });
    expect(controller.spec).toEqual({ replicas: 1, selector: { app: 'a' }, template: filledTemplate });
    expect(controller.metadata.labels).toEqual({ app: 'a' });
  });

  it('complete Jobs', async () => {
    const client = setUp();
    const once = { ...template, spec: { containers, restartPolicy: 'Never' } };
    const job = await client.create(Job, { metadata, spec: { template: once } });
    expect(job.spec).toMatchObject({
      completions: 1,
      parallelism: 1,
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      suspend: false,
      manualSelector: false,
      podReplacementPolicy: 'TerminatingOrFailed',
      template: { spec: { restartPolicy: 'Never' } },
    });
    expect(job.metadata.labels).toEqual({ app: 'a' });
    const wide = await client.create(Job, {
      metadata: at('b'),
      spec: { template: once, parallelism: 3, backoffLimitPerIndex: 1, completionMode: 'Indexed' },
    });
    expect(wide.spec).toMatchObject({ parallelism: 3, backoffLimit: 2_147_483_647 });
    expect(wide.spec).not.toHaveProperty('completions');
    const rule = { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] };
    const lenient = await client.create(Job, {
      metadata: at('c'),
      spec: { template: once, podFailurePolicy: { rules: [rule] } },
    });
    expect(lenient.spec.podFailurePolicy?.rules[0]?.onPodConditions?.[0]?.status).toBe('True');
    const cron = await client.create(CronJob, {
      metadata,
      spec: { schedule: '* * * * *', jobTemplate: { spec: { template: once } } },
    });
    expect(cron.spec).toMatchObject({
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      jobTemplate: { spec: { template: { spec: { dnsPolicy: 'ClusterFirst' } } } },
    });
    expect(cron.spec.jobTemplate.spec).not.toHaveProperty('backoffLimit');
  });

  it('complete a HorizontalPodAutoscaler', async () => {
    const scaleTargetRef = { kind: 'Deployment', name: 'a' };
    const scaler = await setUp().create(HorizontalPodAutoscaler, {
      metadata,
      spec: { scaleTargetRef, maxReplicas: 3, behavior: { scaleUp: { selectPolicy: 'Min' } } },
    });
    expect(scaler.spec).toMatchObject({
      minReplicas: 1,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 80 } } }],
      behavior: {
        scaleUp: {
          selectPolicy: 'Min',
          stabilizationWindowSeconds: 0,
          policies: [{ value: 4 }, { value: 100 }],
        },
        scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
      },
    });
  });
});

describe('the defaults of other kinds', () => {
  it('complete Services by their type', async () => {
    const client = setUp();
    const ports = [{ port: 80 }, { port: 53, protocol: 'UDP', targetPort: 'dns' }];
    expect((await client.create(Service, { metadata, spec: { ports } })).spec).toEqual({
      type: 'ClusterIP',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ports: [
        { port: 80, protocol: 'TCP', targetPort: 80 },
        { port: 53, protocol: 'UDP', targetPort: 'dns' },
      ],
    });
    const balanced = { type: 'LoadBalancer', sessionAffinity: 'ClientIP', ports: [{ port: 80 }] };
    expect((await client.create(Service, { metadata: at('b'), spec: balanced })).spec).toMatchObject({
      allocateLoadBalancerNodePorts: true,
      externalTrafficPolicy: 'Cluster',
      internalTrafficPolicy: 'Cluster',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } },
    });
    const external = { type: 'ExternalName', externalName: 'example.com' };
    expect((await client.create(Service, { metadata: at('c'), spec: external })).spec).toEqual({
      ...external,
      sessionAffinity: 'None',
    });
  });

  it('complete volumes, secrets, namespaces and limits', async () => {
    const client = setUp();
    expect((await client.create(PersistentVolumeClaim, { metadata, spec: {} })).spec?.volumeMode).toBe(
      'Filesystem',
    );
    const volume = await client.create(PersistentVolume, {
      metadata: { name: 'a' },
      spec: { azureDisk: { diskName: 'd', diskURI: 'u' } },
    });
    expect(volume.spec).toEqual({
      persistentVolumeReclaimPolicy: 'Retain',
      volumeMode: 'Filesystem',
      azureDisk: {
        diskName: 'd',
        diskURI: 'u',
        cachingMode: 'ReadWrite',
        fsType: 'ext4',
        kind: 'Shared',
        readOnly: false,
      },
    });
    expect((await client.create(Secret, { metadata })).type).toBe('Opaque');
    const namespace = await client.create(Namespace, { metadata: { name: 'team', labels: { a: 'b' } } });
    expect(namespace.metadata.labels).toEqual({ a: 'b', 'kubernetes.io/metadata.name': 'team' });
    const limits = [
      { type: 'Container', max: { cpu: '2' }, min: { memory: '1Mi' }, default: { memory: '1Gi' } },
      { type: 'Pod', max: { cpu: '4' } },
    ];
    expect((await client.create(LimitRange, { metadata, spec: { limits } })).spec.limits).toEqual([
      {
        ...limits[0],
        default: { cpu: '2', memory: '1Gi' },
        defaultRequest: { cpu: '2', memory: '1Gi' },
      },
      limits[1],
    ]);
  });

  it('complete the kinds of the smaller groups', async () => {
    const client = setUp();
    const hook = await client.create(MutatingWebhookConfiguration, {
      metadata: { name: 'a' },
      webhooks: [
        {
          name: 'a.example.com',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          clientConfig: { service: { name: 's', namespace: 'default' } },
          rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }],
        },
      ],
    });
    expect(hook.webhooks?.[0]).toMatchObject({
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      reinvocationPolicy: 'Never',
      timeoutSeconds: 10,
      namespaceSelector: {},
      objectSelector: {},
      clientConfig: { service: { port: 443 } },
      rules: [{ scope: '*' }],
    });
    const policy = await client.create(NetworkPolicy, {
      metadata,
      spec: { podSelector: {}, egress: [{ ports: [{ port: 80 }] }] },
    });
    expect(policy.spec).toMatchObject({
      policyTypes: ['Ingress', 'Egress'],
      egress: [{ ports: [{ protocol: 'TCP' }] }],
    });
    const binding = await client.create(RoleBinding, {
      metadata,
      roleRef: { apiGroup: '', kind: 'Role', name: 'r' },
      subjects: [
        { kind: 'User', name: 'u' },
        { kind: 'ServiceAccount', name: 's', namespace: 'default' },
      ],
    });
    expect(binding).toMatchObject({
      roleRef: { apiGroup: 'rbac.authorization.k8s.io' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io' }, {}],
    });
    expect(binding.subjects?.[1]).not.toHaveProperty('apiGroup');
    const brief = { metadata: at('b'), roleRef: { kind: 'Role', name: 'r' } };
    expect((await client.create(RoleBinding, brief)).roleRef.apiGroup).toBe('rbac.authorization.k8s.io');
    const storageClass = { metadata: { name: 'a' }, provisioner: 'p' };
    expect(await client.create(StorageClass, storageClass)).toMatchObject({
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'Immediate',
    });
    expect((await client.create(CSIDriver, { metadata: { name: 'a' }, spec: {} })).spec).toMatchObject({
      attachRequired: true,
      volumeLifecycleModes: ['Persistent'],
    });
    expect((await client.create(PriorityClass, { metadata: { name: 'a' }, value: 1 })).preemptionPolicy).toBe(
      'PreemptLowerPriority',
    );
    const claim = await client.create(ResourceClaim, {
      metadata,
      spec: {
        devices: {
          requests: [
            { name: 'a', exactly: { deviceClassName: 'c' } },
            { name: 'b', exactly: { deviceClassName: 'c', allocationMode: 'All' } },
          ],
        },
      },
    });
    expect(
      claim.spec.devices?.requests?.map(({ exactly }) => [exactly?.allocationMode, exactly?.count]),
    ).toEqual([
      ['ExactCount', 1],
      ['All', undefined],
    ]);
  });
});

describe('builtinDefaults', () => {
  it('leaves alone what somebody chose', async () => {
    const client = setUp();
    const policy = { podSelector: {}, policyTypes: ['Egress'] };
    expect((await client.create(NetworkPolicy, { metadata, spec: policy })).spec).toEqual(policy);
    const driver = { volumeLifecycleModes: ['Ephemeral'], attachRequired: false };
    expect((await client.create(CSIDriver, { metadata: { name: 'a' }, spec: driver })).spec).toMatchObject(
      driver,
    );
    const job = {
      template: { spec: { containers, restartPolicy: 'Never' } },
      completions: 2,
      backoffLimit: 0,
      podFailurePolicy: { rules: [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [1] } }] },
    };
    const created = await client.create(Job, {
      metadata: { ...metadata, labels: { mine: 'yes' } },
      spec: job,
    });
    expect(created.spec).toMatchObject({ completions: 2, backoffLimit: 0, podReplacementPolicy: 'Failed' });
    expect(created.metadata.labels).toEqual({ mine: 'yes' });
    const updateStrategy = { type: 'OnDelete' };
    const set = await client.create(StatefulSet, { metadata, spec: { selector, template, updateStrategy } });
    expect(set.spec?.updateStrategy).toEqual(updateStrategy);
    const spec = { template, selector: { other: 'yes' }, replicas: 0 };
    const controller = await client.create(ReplicationController, { metadata, spec });
    expect(controller.spec).toMatchObject({ selector: { other: 'yes' }, replicas: 0 });
    const bare = await client.create(ReplicationController, { metadata: at('bare'), spec: { replicas: 0 } });
    expect(bare.spec).toEqual({ replicas: 0 });
  });

  it('fills in again what an update leaves out, so that it changes nothing', async () => {
    const client = setUp();
    const created = await client.create(Service, { metadata, spec: { ports: [{ port: 80 }] } });
    const again = await client.update(Service, { ...created, spec: { ports: [{ port: 80 }] } });
    expect(again).toBe(created);
  });

  it('works with patches and apply', async () => {
    const client = setUp();
    const applied = await client.apply(
      Deployment,
      { metadata, spec: { selector, template } },
      { fieldManager: 'me' },
    );
    expect(applied.spec.replicas).toBe(1);
    const again = await client.apply(
      Deployment,
      { metadata, spec: { selector, template } },
      { fieldManager: 'me' },
    );
    expect(again.metadata.resourceVersion).toBe(applied.metadata.resourceVersion);
    const patch = { spec: { replicas: null, strategy: null } };
    const patched = await client.patch(Deployment, metadata, { type: 'merge', patch });
    expect(patched.spec).toMatchObject({ replicas: 1, strategy: { type: 'RollingUpdate' } });
  });

  it('has defaults for fields alone that the kinds have', () => {
    const tables = { ...CORE_DEFAULTS, ...WORKLOAD_DEFAULTS, ...OTHER_DEFAULTS };
    for (const name of Object.keys(tables)) {
      const [apiVersion, kind] = name.split(' ') as [string, string];
      const resource: AnyResource | undefined = builtinScheme.find({ apiVersion, kind });
      expect(resource, name).toBeDefined();
      for (const path of Object.keys(tables[name] ?? {})) {
        expect(pathExists(resource as AnyResource, path), `${name} ${path}`).toBe(true);
      }
    }
  });
});

/** Whether the schema of a kind has a field at a path of a table. */
function pathExists(resource: AnyResource, path: string): boolean {
  let schema = resource.mergeSchema as {
    readonly fields?: Record<string, { type?: unknown; list?: boolean }>;
  };
  if (path.startsWith('metadata.')) return true;
  const steps = path.split('.');
  return steps.every((step, index) => {
    const isList = step.endsWith('[]');
    const field = schema.fields?.[isList ? step.slice(0, -2) : step];
    if (field === undefined) return false;
    if (index < steps.length - 1 && (field.list === true) !== isList) return false;
    schema = field.type as typeof schema;
    return true;
  });
}

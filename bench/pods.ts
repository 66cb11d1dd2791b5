import type { New } from 'keelson';
import type { Pod } from 'keelson/kinds';

/** A Pod of 45 leaves, as a controller would create it. */
export function makePod(index: number): New<typeof Pod> {
  return {
    metadata: {
      name: `web-${index}`,
      namespace: `team-${index % 10}`,
      labels: { app: 'web', tier: 'front', release: 'r1', track: 'stable' },
      annotations: { 'example.com/owner': 'team' },
    },
    spec: {
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'web',
      schedulerName: 'default-scheduler',
      nodeSelector: { pool: 'general' },
      tolerations: [
        {
          key: 'node.kubernetes.io/not-ready',
          operator: 'Exists',
          effect: 'NoExecute',
          tolerationSeconds: 300,
        },
      ],
      containers: [
        {
          name: 'web',
          image: 'registry.example.com/web:1.2.3',
          imagePullPolicy: 'IfNotPresent',
          args: ['--port=8080', '--verbose'],
          ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
          env: [
            { name: 'MODE', value: 'production' },
            { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          ],
          resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
          readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 5 },
          volumeMounts: [
            { name: 'config', mountPath: '/etc/web', readOnly: true },
            { name: 'cache', mountPath: '/var/cache' },
          ],
        },
      ],
      volumes: [
        { name: 'config', configMap: { name: 'web' } },
        { name: 'cache', emptyDir: { sizeLimit: '1Gi' } },
      ],
    },
  };
}

/** A Pod of about 4 kB of JSON, as a server has it once it runs: two containers, their probes and mounts, and a status. */
export function makeLargePod(index: number): New<typeof Pod> & Pick<Pod, 'status'> {
  return { ...makeLargeNewPod(index), status: runningStatus() };
}

/** The same Pod without its status: what a create keeps of it. */
export function makeLargeNewPod(index: number): New<typeof Pod> {
  return {
    metadata: {
      name: `shop-7c9d8b5f4-${index}`,
      generateName: 'shop-7c9d8b5f4-',
      namespace: `team-${index % 10}`,
      labels: {
        app: 'shop',
        'app.kubernetes.io/component': 'storefront',
        'pod-template-hash': '7c9d8b5f4',
        tier: 'web',
        'topology.example.com/zone': 'zone-a',
      },
      annotations: {
        'prometheus.io/scrape': 'true',
        'kubernetes.io/config.seen': '2026-01-01T00:00:00.123456789Z',
      },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'shop-7c9d8b5f4',
          uid: '5a3c1e70-8d4f-4b1c-9a52-6f0e2d7b9c11',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      volumes: [
        { name: 'config', configMap: { name: 'shop-config', defaultMode: 420 } },
        {
          name: 'kube-api-access',
          projected: {
            defaultMode: 420,
            sources: [
              { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
              { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
            ],
          },
        },
      ],
      containers: [
        {
          name: 'shop',
          image: 'registry.example.com/team/shop:1.2.3',
          args: ['--port=8080', '--verbose'],
          ports: [
            { name: 'http', containerPort: 8080, protocol: 'TCP' },
            { name: 'metrics', containerPort: 9090, protocol: 'TCP' },
          ],
          env: [
            { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
            { name: 'LOG_LEVEL', value: 'info' },
            { name: 'DB_HOST', value: 'db.default.svc' },
          ],
          resources: { limits: { cpu: '500m', memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
          volumeMounts: [
            { name: 'config', mountPath: '/etc/shop' },
            {
              name: 'kube-api-access',
              readOnly: true,
              mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
            },
          ],
          livenessProbe: {
            httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' },
            timeoutSeconds: 1,
            periodSeconds: 10,
            successThreshold: 1,
            failureThreshold: 3,
          },
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          imagePullPolicy: 'IfNotPresent',
        },
        {
          name: 'proxy',
          image: 'registry.example.com/team/proxy:0.9.1',
          ports: [{ containerPort: 15001, protocol: 'TCP' }],
          resources: { requests: { cpu: '50m', memory: '64Mi' } },
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          imagePullPolicy: 'IfNotPresent',
        },
      ],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'shop',
      nodeName: `node-${index % 100}`,
      securityContext: {},
      schedulerName: 'default-scheduler',
      tolerations: ['not-ready', 'unreachable'].map((taint) => ({
        key: `node.kubernetes.io/${taint}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      })),
      priority: 0,
      enableServiceLinks: true,
    },
  };
}

function runningStatus(): NonNullable<Pod['status']> {
  const since = '2026-01-01T00:00:00Z';
  return {
    phase: 'Running',
    conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
      type,
      status: 'True',
      lastTransitionTime: since,
    })),
    hostIP: '10.0.0.1',
    podIP: '10.1.2.3',
    podIPs: [{ ip: '10.1.2.3' }],
    startTime: since,
    containerStatuses: ['shop', 'proxy'].map((name) => ({
      name,
      state: { running: { startedAt: since } },
      lastState: {},
      ready: true,
      restartCount: 0,
      image: `registry.example.com/team/${name}:1.2.3`,
      imageID: `registry.example.com/team/${name}@sha256:${'1'.repeat(64)}`,
      containerID: `containerd://${'2'.repeat(64)}`,
      started: true,
    })),
    qosClass: 'Burstable',
  };
}

/** How many values a JSON value has at its ends. */
export function countLeaves(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, part) => sum + countLeaves(part), 0);
}

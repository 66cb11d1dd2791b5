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

/** How many values a JSON value has at its ends. */
export function countLeaves(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, part) => sum + countLeaves(part), 0);
}

import type { JsonObject } from 'keelson';

const CONTAINERS = 10;
const VARIABLES = 20;

/** What {@link makeDeployment} is asked for beside its usual fields. */
export interface DeploymentChanges {
  /** Another image, another variable and one more, and two more replicas. */
  readonly changed?: boolean;
  /** As a server has it meanwhile: scaled by others, with a version and a status. */
  readonly stored?: boolean;
}

/** A Deployment of 10 containers, about 12 KB of JSON with its names in the order of the alphabet, as Go writes them. */
export function makeDeployment({ changed = false, stored = false }: DeploymentChanges = {}): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      annotations: { a: 'b' },
      labels: { app: 'web' },
      name: 'web',
      namespace: 'default',
      ...(stored ? { resourceVersion: '1234' } : {}),
    },
    spec: {
      replicas: stored ? 9 : changed ? 5 : 3,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: Array.from({ length: CONTAINERS }, (_, index) => container(index, changed)),
          tolerations: [{ effect: 'NoSchedule', key: 'a', operator: 'Exists' }],
          volumes: [{ configMap: { name: 'c' }, name: 'config' }],
        },
      },
    },
    ...(stored ? { status: { observedGeneration: 1, replicas: 3 } } : {}),
  };
}

/** The strategic merge patch from a Deployment to the changed one, as Kubernetes makes it: 841 bytes. */
export function makeDeploymentPatch(): JsonObject {
  const variables = Array.from({ length: VARIABLES }, (_, index) => ({ name: `VAR_3_${index}` }));
  return {
    spec: {
      replicas: 5,
      template: {
        spec: {
          '$setElementOrder/containers': Array.from({ length: CONTAINERS }, (_, index) => ({
            name: `app${index}`,
          })),
          containers: [
            {
              '$setElementOrder/env': [...variables, { name: 'NEW_VAR' }],
              env: [
                { name: 'VAR_3_5', value: 'changed' },
                { name: 'NEW_VAR', value: 'x' },
              ],
              name: 'app3',
            },
            { image: image(7, true), name: 'app7' },
          ],
        },
      },
    },
  };
}

function container(index: number, changed: boolean): JsonObject {
  const port = 8080 + index;
  return {
    args: ['--port=8080', '--log=info'],
    env: environment(index, changed),
    image: image(index, changed),
    imagePullPolicy: 'IfNotPresent',
    livenessProbe: { httpGet: { path: '/healthz', port }, periodSeconds: 10 },
    name: `app${index}`,
    ports: [{ containerPort: port, name: 'http', protocol: 'TCP' }],
    resources: { limits: { cpu: '500m', memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
    volumeMounts: [{ mountPath: '/etc/app', name: 'config' }],
  };
}

function environment(owner: number, changed: boolean): readonly JsonObject[] {
  const variables = Array.from({ length: VARIABLES }, (_, index) => ({
    name: `VAR_${owner}_${index}`,
    value: changed && owner === 3 && index === 5 ? 'changed' : `value-${index}`,
  }));
  return changed && owner === 3 ? [...variables, { name: 'NEW_VAR', value: 'x' }] : variables;
}

function image(index: number, changed: boolean): string {
  const version = changed && index === 7 ? '2.0.0' : `1.${index}.0`;
  return `registry.example.com/team/app${index}:${version}`;
}

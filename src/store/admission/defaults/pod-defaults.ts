import type { JsonObject } from '../../../core/index.js';
import { type DefaultTable, orZero, under } from './default-table.js';

/** What a request for a file in a volume may do: `rw-r--r--`. */
const FILE_MODE = 0o644;

const HTTP_GET: DefaultTable = { path: '/', scheme: 'HTTP' };

const PROBE: DefaultTable = {
  timeoutSeconds: orZero(1),
  periodSeconds: orZero(10),
  successThreshold: orZero(1),
  failureThreshold: orZero(3),
  ...under('httpGet', HTTP_GET),
  'grpc.service': '',
};

const CONTAINER: DefaultTable = {
  imagePullPolicy: (container, value) =>
    value === undefined || value === '' ? pullPolicy(container['image']) : undefined,
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  'ports[].protocol': 'TCP',
  'env[].valueFrom.fieldRef.apiVersion': 'v1',
  ...under('livenessProbe', PROBE),
  ...under('readinessProbe', PROBE),
  ...under('startupProbe', PROBE),
  ...under('lifecycle.postStart.httpGet', HTTP_GET),
  ...under('lifecycle.preStop.httpGet', HTTP_GET),
};

/** What a claim for a volume asks for. */
export const CLAIM_SPEC: DefaultTable = { volumeMode: 'Filesystem' };

/** Volumes of the kinds that both Pods and PersistentVolumes have. */
export const SHARED_VOLUME: DefaultTable = {
  'azureDisk.cachingMode': 'ReadWrite',
  'azureDisk.fsType': 'ext4',
  'azureDisk.kind': 'Shared',
  'azureDisk.readOnly': false,
  'iscsi.iscsiInterface': 'default',
  'rbd.pool': 'rbd',
  'rbd.user': 'admin',
  'rbd.keyring': '/etc/ceph/keyring',
  'scaleIO.fsType': 'xfs',
  'scaleIO.storageMode': 'ThinProvisioned',
  'hostPath.type': '',
};

const VOLUME: DefaultTable = {
  emptyDir: (volume) => (Object.keys(volume).every((field) => field === 'name') ? {} : undefined),
  'secret.defaultMode': FILE_MODE,
  'configMap.defaultMode': FILE_MODE,
  'downwardAPI.defaultMode': FILE_MODE,
  'downwardAPI.items[].fieldRef.apiVersion': 'v1',
  'projected.defaultMode': FILE_MODE,
  'projected.sources[].downwardAPI.items[].fieldRef.apiVersion': 'v1',
  'projected.sources[].serviceAccountToken.expirationSeconds': 3600,
  ...under('ephemeral.volumeClaimTemplate.spec', CLAIM_SPEC),
  ...SHARED_VOLUME,
};

/** A Pod's `spec`, in a template too. Source: `SetDefaults_PodSpec` and what is inside, pkg/apis/core/v1/defaults.go. */
export const POD_SPEC: DefaultTable = {
  dnsPolicy: 'ClusterFirst',
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  schedulerName: 'default-scheduler',
  securityContext: {},
  ...under('containers[]', CONTAINER),
  ...under('initContainers[]', CONTAINER),
  ...under('ephemeralContainers[]', CONTAINER),
  ...under('volumes[]', VOLUME),
};

/** A Pod, which has a few defaults that a template has not. Source: `SetDefaults_Pod`, pkg/apis/core/v1/defaults.go. */
export const POD: DefaultTable = {
  'spec.enableServiceLinks': true,
  'spec.containers': withHostPorts,
  'spec.initContainers': withHostPorts,
  'spec.containers[].resources.requests': requestsFromLimits,
  'spec.initContainers[].resources.requests': requestsFromLimits,
  ...under('spec', POD_SPEC),
};

/** What is limited is requested, unless something else is. */
export function requestsFromLimits(resources: JsonObject, requests: unknown): unknown {
  const limits = resources['limits'] as JsonObject | undefined;
  if (limits === undefined) return undefined;
  const given = (requests ?? {}) as JsonObject;
  return Object.keys(limits).every((name) => Object.hasOwn(given, name))
    ? undefined
    : { ...limits, ...given };
}

/** An image that names no version, or the latest one, is looked for each time. */
function pullPolicy(image: unknown): string {
  if (typeof image !== 'string' || image === '') return 'IfNotPresent';
  const last = image.slice(image.lastIndexOf('/') + 1);
  const [name = ''] = last.split('@', 1);
  const colon = name.indexOf(':');
  if (colon !== -1) return name.slice(colon + 1) === 'latest' ? 'Always' : 'IfNotPresent';
  return last.includes('@') ? 'IfNotPresent' : 'Always';
}

/** On the network of its host, a container's ports are those of the host. */
function withHostPorts(spec: JsonObject, containers: unknown): unknown {
  if (spec['hostNetwork'] !== true || !Array.isArray(containers)) return undefined;
  return (containers as readonly JsonObject[]).map((container) => {
    const ports = container['ports'] as readonly JsonObject[] | undefined;
    if (ports?.some(isWithoutHostPort) !== true) return container;
    const filled = ports.map((port) =>
      isWithoutHostPort(port) ? { ...port, hostPort: port['containerPort'] } : port,
    );
    return { ...container, ports: filled };
  });
}

function isWithoutHostPort(port: JsonObject): boolean {
  return port['hostPort'] === undefined || port['hostPort'] === 0;
}

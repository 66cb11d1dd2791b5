/** The words that random objects are made of: few, so that they often meet. */

export const HOSTNAME = 'kubernetes.io/hostname';
export const ZONE = 'topology.kubernetes.io/zone';
export const REGION = 'topology.kubernetes.io/region';
export const TEMPLATE_HASH = 'pod-template-hash';

export const TOPOLOGY_KEYS: readonly string[] = [HOSTNAME, HOSTNAME, ZONE, ZONE, REGION, 'rack'];
export const ZONES: readonly string[] = ['z1', 'z2', 'z3'];
export const NAMESPACES: readonly string[] = ['default', 'default', 'default', 'team-a', 'team-b', 'batch'];

/** Values of labels that pods have. */
export const POD_LABELS: readonly (readonly [string, readonly string[]])[] = [
  ['app', ['web', 'db', 'cache', 'api']],
  ['tier', ['front', 'back']],
  ['version', ['v1', 'v2']],
  [TEMPLATE_HASH, ['h1', 'h2']],
];

/** Values of labels that nodes have, next to those of topologies. */
export const NODE_LABELS: readonly (readonly [string, readonly string[]])[] = [
  ['disk', ['ssd', 'hdd']],
  ['cores', ['4', '8', '16', 'many']],
  ['dedicated', ['db', 'web']],
  ['example.com/gen', ['1', '2', '3']],
];

export const TAINTS: readonly (readonly [string, readonly string[]])[] = [
  ['dedicated', ['db', 'web']],
  ['gpu', ['yes']],
  ['example.com/maintenance', ['']],
  ['node.kubernetes.io/not-ready', ['']],
];

export const PRIORITIES: readonly number[] = [-5, 0, 0, 10, 50, 100, 400, 500, 1000];

/** Sizes of images by name; a name without a tag stands for the latest. */
export const IMAGES: readonly (readonly [string, number])[] = [
  ['nginx:latest', 70_000_000],
  ['nginx:1.27', 68_500_123],
  ['registry.example.com/web:v1', 180_000_000],
  ['registry.example.com/web:v2', 210_000_000],
  ['registry.example.com:5000/tools:latest', 2_400_000_000],
  [
    'registry.example.com/ml@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
    3_100_000_000,
  ],
];
export const IMAGE_REFERENCES: readonly string[] = [
  'nginx',
  'registry.example.com:5000/tools',
  'registry.example.com/unknown:1',
  ...IMAGES.map(([name]) => name),
];

export const DECLARED_FEATURES: readonly string[] = [
  'RestartAllContainersOnContainerExits',
  'UserNamespacesHostNetworkSupport',
  'ExampleOther',
];

export const CSI_DRIVERS: readonly string[] = ['csi.example.com', 'other.example.com'];

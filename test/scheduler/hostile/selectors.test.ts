import { describe, test } from 'vitest';
import { engineWith, expectSurvival, pod } from './bystanders.js';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

const REQUIREMENTS: readonly unknown[] = [
  { key: 'zone', operator: 'Near', values: ['z1'] },
  { key: 'zone', operator: '__proto__', values: ['z1'] },
  { key: 'zone', operator: 'In' },
  { key: 'zone', operator: 'In', values: [] },
  { key: 'zone', operator: 'In', values: 'z1' },
  { key: 'zone', operator: 'In', values: [1, null] },
  { key: 'zone', operator: 'Exists', values: ['z1'] },
  { key: 'zone', operator: 'Gt', values: ['many'] },
  { key: 'zone', operator: 'Lt', values: ['1', '2'] },
  { key: 'zone', operator: 'Gt', values: ['9'.repeat(400)] },
  { key: 'not a key', operator: 'Exists' },
  { key: '', operator: 'Exists' },
  { operator: 'Exists' },
  { key: 'zone' },
  {},
  null,
  'zone',
];
const LABEL_SELECTORS: readonly unknown[] = [
  ...REQUIREMENTS.map((requirement) => ({ matchExpressions: [requirement] })),
  { matchExpressions: 'zone' },
  { matchLabels: 'zone' },
  { matchLabels: { app: 1 } },
  { matchLabels: { 'not a key': 'x' } },
  'app=web',
  7,
  null,
];
const NODE_TERMS: readonly unknown[] = [
  ...REQUIREMENTS.map((requirement) => ({ matchExpressions: [requirement] })),
  ...REQUIREMENTS.map((requirement) => ({ matchFields: [requirement] })),
  { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a', 'b'] }] },
  { matchFields: [{ key: 'metadata.labels', operator: 'In', values: ['a'] }] },
  { matchExpressions: 'zone' },
  {},
  null,
  'zone',
];
const POD_TERMS: readonly unknown[] = [
  ...LABEL_SELECTORS.map((labelSelector) => ({ topologyKey: 'zone', labelSelector })),
  ...LABEL_SELECTORS.map((namespaceSelector) => ({
    topologyKey: 'zone',
    labelSelector: {},
    namespaceSelector,
  })),
  { labelSelector: {} },
  { topologyKey: '', labelSelector: {} },
  { topologyKey: '__proto__', labelSelector: {} },
  { topologyKey: 'zone', labelSelector: {}, namespaces: 'default' },
  { topologyKey: 'zone', labelSelector: {}, namespaces: [null] },
  {},
  null,
];
const WEIGHTS: readonly unknown[] = [
  0,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '5',
  null,
  undefined,
  2 ** 60,
];
const GOOD_TERM = { topologyKey: 'zone', labelSelector: {} };
const GOOD_NODE_TERM = { matchExpressions: [{ key: 'zone', operator: 'Exists' }] };

const SPREADS: readonly unknown[] = [
  ...LABEL_SELECTORS.map((labelSelector) => ({ labelSelector })),
  ...[0, -1, 1.5, Number.NaN, '1', null].flatMap((value) => [{ maxSkew: value }, { minDomains: value }]),
  { whenUnsatisfiable: 'Maybe' },
  { topologyKey: '' },
  { topologyKey: undefined },
  { topologyKey: '__proto__' },
  { matchLabelKeys: 'app' },
  { matchLabelKeys: ['__proto__', 'app'] },
  { matchLabelKeys: [null] },
  { nodeTaintsPolicy: 'Perhaps', nodeAffinityPolicy: 'Perhaps' },
].map((change) => ({
  topologyKey: 'zone',
  maxSkew: 1,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: {},
  ...change,
}));

const SPECS: Readonly<Record<string, readonly unknown[]>> = {
  nodeSelector: [null, 'zone', { zone: 1 }, { zone: null }, { 'not a key': 'x' }, [], 7],
  tolerations: [
    null,
    'all',
    [null],
    [{}],
    [{ operator: 'Near' }],
    [{ operator: 'Gt', key: 'x', value: 'y' }],
    [{ key: 1, value: {} }],
    {},
  ],
  topologySpreadConstraints: [
    ...SPREADS.map((spread) => [spread]),
    ...SPREADS.map((spread) => [{ ...(spread as object), whenUnsatisfiable: 'ScheduleAnyway' }]),
    [null],
    ['zone'],
    null,
    'zone',
  ],
  volumes: [null, 'all', [null], [{}], [{ persistentVolumeClaim: null }], [{ persistentVolumeClaim: {} }]],
  affinity: [
    null,
    'all',
    { nodeAffinity: null },
    { nodeAffinity: { [REQUIRED]: null } },
    { nodeAffinity: { [REQUIRED]: {} } },
    { nodeAffinity: { [REQUIRED]: { nodeSelectorTerms: 'zone' } } },
    { nodeAffinity: { [PREFERRED]: 'zone' } },
    ...NODE_TERMS.map((term) => ({ nodeAffinity: { [REQUIRED]: { nodeSelectorTerms: [term] } } })),
    ...NODE_TERMS.map((preference) => ({ nodeAffinity: { [PREFERRED]: [{ weight: 1, preference }] } })),
    ...WEIGHTS.map((weight) => ({ nodeAffinity: { [PREFERRED]: [{ weight, preference: GOOD_NODE_TERM }] } })),
    ...['podAffinity', 'podAntiAffinity'].flatMap((kind) => [
      { [kind]: null },
      { [kind]: { [REQUIRED]: 'zone' } },
      { [kind]: { [PREFERRED]: [null] } },
      { [kind]: { [PREFERRED]: [{ weight: 1 }] } },
      ...POD_TERMS.map((term) => ({ [kind]: { [REQUIRED]: [term] } })),
      ...POD_TERMS.map((podAffinityTerm) => ({ [kind]: { [PREFERRED]: [{ weight: 1, podAffinityTerm }] } })),
      ...WEIGHTS.map((weight) => ({ [kind]: { [PREFERRED]: [{ weight, podAffinityTerm: GOOD_TERM }] } })),
    ]),
  ],
};

describe.each(Object.entries(SPECS))('a pod whose %s makes no sense', (field, values) => {
  test.each(values.map((value) => [JSON.stringify(value)?.slice(0, 150), value]))('%s', (_, value) => {
    expectSurvival(engineWith(), 'odd', (spec) => pod('odd', { [field]: value, ...spec }));
  });
});

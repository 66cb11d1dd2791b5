/** The labels by which most Pods are spread, or kept together or apart. */
export const USUAL_TOPOLOGY_KEYS: readonly string[] = /* @__PURE__ */ Object.freeze([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
]);

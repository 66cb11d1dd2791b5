import type { Node, Pod, Taint, Toleration } from './types.js';

/** Whether one of the tolerations is for the taint. */
export function toleratedBy(taint: Taint, tolerations: readonly Toleration[]): boolean {
  return tolerations.some((toleration) => tolerates(toleration, taint));
}

/** Whether the node has a taint that keeps the pod off, or would send it away. */
export function hasForbiddingTaint(pod: Pod, node: Node): boolean {
  return (node.spec.taints ?? []).some(
    (taint) =>
      (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') &&
      !toleratedBy(taint, pod.spec.tolerations ?? []),
  );
}

/** An empty effect or key stands for all. `Gt` and `Lt` are behind a feature gate that is off: they tolerate nothing. */
function tolerates(toleration: Toleration, taint: Taint): boolean {
  const effect = toleration.effect ?? '';
  const key = toleration.key ?? '';
  if (effect !== '' && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  switch (toleration.operator ?? '') {
    case '':
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '');
    case 'Exists':
      return true;
    default:
      return false;
  }
}

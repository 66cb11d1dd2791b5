import { unresolvable, type FilterPlugin } from './plugin.js';

/** Rejects all nodes but the one that the pod names. */
export const nodeName: FilterPlugin = {
  name: 'NodeName',
  filter: (pod, node) => {
    const wanted = pod.spec.nodeName ?? '';
    return wanted === '' || wanted === node.metadata.name
      ? undefined
      : unresolvable("node(s) didn't match the requested node name");
  },
};

import { keyOf } from '../../core/index.js';
import { type Node, Pod } from '../../resources/kinds/index.js';
import type { Plugin } from '../framework/index.js';

/** Binds Pods through their `binding` subresource, on condition that they are still the same. */
export function defaultBinder(): Plugin<Pod, Node> {
  return {
    name: 'DefaultBinder',
    async bind({ object }, host, { client, signal }) {
      const { name, namespace, uid } = object.metadata;
      const binding = { metadata: { name, namespace, uid }, target: { kind: 'Node', name: host } };
      await client.subresource(Pod, keyOf(object), 'binding', binding, { signal });
    },
  };
}

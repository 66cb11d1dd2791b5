import { deepFreeze } from '../../core/index.js';
import { difference, type FieldSet, LEAF, SELF } from './field-set.js';

/**
 * Fields that say which object it is, or that the server writes: nobody owns them.
 *
 * Source: `stripSet` in k8s.io/apimachinery, managedfields.
 */
export const IDENTITY_FIELDS: FieldSet = /* @__PURE__ */ deepFreeze({
  'f:apiVersion': LEAF,
  'f:kind': LEAF,
  'f:metadata': {
    [SELF]: LEAF,
    'f:name': LEAF,
    'f:namespace': LEAF,
    'f:creationTimestamp': LEAF,
    'f:selfLink': LEAF,
    'f:uid': LEAF,
    'f:clusterName': LEAF,
    'f:generation': LEAF,
    'f:managedFields': LEAF,
    'f:resourceVersion': LEAF,
  },
});

/** The set without the fields that nobody owns. */
export function withoutIdentity(fields: FieldSet | undefined): FieldSet | undefined {
  return difference(fields, IDENTITY_FIELDS);
}

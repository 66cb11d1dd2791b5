/** Replaces or deletes the object that it stands in: `replace` or `delete`. */
export const PATCH = '$patch';

/** What {@link PATCH} may say. */
export const REPLACE_OR_DELETE = '$patch: replace or delete';

/** Names the members that an object keeps: all others are deleted. */
export const RETAIN_KEYS = '$retainKeys';

const ELEMENT_ORDER = '$setElementOrder';
const DELETE_FROM_LIST = '$deleteFromPrimitiveList';

/** True for `$setElementOrder/x`, which orders the list `x`; and for malformed ones. */
export function isElementOrder(name: string): boolean {
  return name.startsWith(ELEMENT_ORDER);
}

/** True for `$deleteFromPrimitiveList/x`, which deletes from the list `x`; and for malformed ones. */
export function isListDeletion(name: string): boolean {
  return name.startsWith(DELETE_FROM_LIST);
}

/** The list that such a member speaks of; undefined where it is malformed. */
export function listNameOf(directive: string): string | undefined {
  const prefix = isElementOrder(directive) ? ELEMENT_ORDER : DELETE_FROM_LIST;
  return directive[prefix.length] === '/' ? directive.slice(prefix.length + 1) || undefined : undefined;
}

export function elementOrderOf(list: string): string {
  return `${ELEMENT_ORDER}/${list}`;
}

export function listDeletionOf(list: string): string {
  return `${DELETE_FROM_LIST}/${list}`;
}

import type { AnyResource } from '../resources/index.js';
import { ObjectTable } from './object-table.js';

/** A kind that the store serves, in one version or several: its rules and its objects. */
export interface Kind {
  /** The version in which its objects are stored. */
  readonly resource: AnyResource;
  readonly table: ObjectTable;
  readonly namespaced: boolean;
  /** What a storage calls its objects: the plural, and the group where there is one. */
  readonly collection: string;
  /** The revision of the last change to an object of this kind. */
  lastRevision: number;
}

export function makeKind(resource: AnyResource): Kind {
  const { group, plural, scope } = resource;
  return {
    resource,
    table: new ObjectTable(),
    namespaced: scope === 'Namespaced',
    collection: group === '' ? plural : `${plural}.${group}`,
    lastRevision: 0,
  };
}

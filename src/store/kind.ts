import type { AnyResource } from '../resources/index.js';
import { ObjectTable } from './object-table.js';

/** A kind that the store serves: its rules and its objects. */
export interface Kind {
  readonly resource: AnyResource;
  readonly table: ObjectTable;
  readonly namespaced: boolean;
  /** The revision of the last change to an object of this kind. */
  lastRevision: number;
}

export function makeKind(resource: AnyResource): Kind {
  return { resource, table: new ObjectTable(), namespaced: resource.scope === 'Namespaced', lastRevision: 0 };
}

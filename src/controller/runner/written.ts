import type { AnyResource } from '../../resources/index.js';
import type { WriteRecord } from '../trace/index.js';

/** What a reconcile wrote, and what was there before and after; undefined where that is not known. */
export interface Written {
  readonly write: WriteRecord;
  readonly resource: AnyResource;
  readonly before: object | undefined;
  readonly after: object | undefined;
}
